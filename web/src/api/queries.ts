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

/** All runs, or those of a stored flow. */
export const runsQuery = (flow?: string) =>
  ({
    queryKey: ["runs", flow ?? ""],
    queryFn: () => json<Schemas["RunItem"][]>(`/api/runs${flow === undefined ? "" : `?flow=${encodeURIComponent(flow)}`}`),
  }) as const;

export const faultsQuery = {
  queryKey: ["faults"],
  queryFn: () => json<Schemas["FaultItem"][]>("/api/runs/faults"),
  staleTime: Number.POSITIVE_INFINITY,
} as const;
