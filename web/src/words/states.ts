// The words of the states of a step, wherever they are read.

export const states = {
  waiting: "Waiting",
  running: "Running",
  done: "Done",
  failed: "Failed",
  skipped: "Skipped",
  doubt: "In doubt: perhaps billed",
} as const;
