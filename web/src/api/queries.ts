// What is loaded once and kept: lists that several rooms show.

import { json, type Schemas } from "./client";

export const connectionsQuery = {
  queryKey: ["connections"],
  queryFn: () => json<Schemas["Connection"][]>("/api/connections"),
} as const;

export const flowsQuery = {
  queryKey: ["flows"],
  queryFn: () => json<Schemas["FlowListItem"][]>("/api/flows"),
} as const;

export const runsQuery = (status?: string) =>
  ({
    queryKey: ["runs", status ?? ""],
    queryFn: () => json<Schemas["RunItem"][]>(`/api/runs${status ? `?status=${encodeURIComponent(status)}` : ""}`),
  }) as const;
