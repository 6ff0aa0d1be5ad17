"""The commands, one file each: `configure(parser)` adds its options, `run(args)` runs it."""
