import { useQuery, type UseQueryResult } from "@tanstack/react-query";

import { json } from "../api/client";
import type { KeyReport } from "./report";

const MINUTES_5 = 300_000;

/** Load what the server says of the key of a stored connection; kept for five minutes. */
export function useKeyTest(name: string | undefined, isWanted = true): UseQueryResult<KeyReport> {
  return useQuery({
    queryKey: ["key-test", name],
    queryFn: () => json<KeyReport>(`/api/connections/${encodeURIComponent(name ?? "")}/test`, { method: "POST" }),
    enabled: name !== undefined && isWanted,
    staleTime: MINUTES_5,
    retry: false,
  });
}
