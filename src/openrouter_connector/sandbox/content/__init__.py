"""What the sandbox makes up: answers, images, audio and video."""
