// The words of types of values, wherever they are read.

export const types = {
  string: "text",
  number: "number",
  integer: "whole number",
  boolean: "yes or no",
  array: "list",
  object: "object",
  file_entry: "file",
  dateTime: "date",
  other: "value",
} as const;
