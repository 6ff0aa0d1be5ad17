// The words of results, wherever they are shown.

import { counted, whole } from "../design/numbers";

export const results = {
  play: "Play",
  pause: "Pause",
  position: "Position",
  cannotPlay: "This browser cannot play the file.",
  unfinishedImage: "Unfinished image",
  openImage: (name: string): string => `Open ${name}`,
  moreImages: (count: number): string => counted(count, "more images"),
  previous: "Previous",
  next: "Next",
  ofMany: (number: number, count: number): string => `${number} of ${count}`,
  download: "Download",
  unnamed: "Without a class",
  rows: (count: number): string => `Table of ${counted(count, "rows")}`,
  listOf: (count: number): string => (count === 0 ? "empty list" : `list of ${whole(count)}`),
  objectOf: (count: number): string => (count === 1 ? "object with 1 field" : `object with ${count} fields`),
  moreRows: (count: number): string => `${whole(count)} more ${count === 1 ? "is" : "are"} in the JSON.`,
  showMore: (count: number): string => `Show More, ${counted(count, "characters")} left`,
  large: (size: string): string => `Large result, ${size}`,
  largeUnknown: "Large result",
  load: "Load",
  loading: "Loading…",
  notLoaded: "The result could not be loaded.",
  noReason: "The step failed without a reason.",
  partial: "Received before the error",
} as const;
