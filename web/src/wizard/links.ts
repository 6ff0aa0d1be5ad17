// Pages of OpenRouter where keys and credits are managed.

export const KEYS = "https://openrouter.ai/settings/keys";
export const CREDITS = "https://openrouter.ai/settings/credits";
