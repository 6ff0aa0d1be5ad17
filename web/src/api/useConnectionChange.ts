import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";

import { inUse, useConnection } from "./connection";
import { connectionsQuery } from "./queries";

/** Lists of models, prices and checks belong to a connection. */
const OF_CONNECTION: ReadonlySet<unknown> = new Set(["options", "form", "check", "flow-check"]);

/** Load what belongs to a connection anew when another one is used. */
export function useConnectionChange(): void {
  const { data: connections } = useQuery(connectionsQuery);
  const chosen = useConnection((state) => state.name);
  const used = connections && (inUse(connections, chosen)?.name ?? null);
  const before = useRef(used);
  const queries = useQueryClient();
  useEffect(() => {
    if (used === undefined) return;
    if (before.current !== undefined && before.current !== used)
      void queries.invalidateQueries({ predicate: ({ queryKey }) => OF_CONNECTION.has(queryKey[0]) });
    before.current = used;
  }, [queries, used]);
}
