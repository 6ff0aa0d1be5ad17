// A value that is too large for the events of a run: the server keeps it as a file, loaded when it is asked for.

import { useQuery } from "@tanstack/react-query";
import { useState, type ReactElement } from "react";

import { json, send } from "../api/client";
import { Button } from "../design/controls";
import { bytes } from "../design/numbers";
import type { Json } from "../flow/document";
import { words } from "../words";
import "./results.css";
import { addressOf } from "./files";
import { ValuePreview } from "./ResultPreview";

interface Props {
  url: string;
  size: "node" | "panel";
}

export function LargeValue({ url, size }: Props): ReactElement {
  const address = addressOf(url);
  const [isWanted, setIsWanted] = useState(false);
  const length = useQuery({
    queryKey: ["file-size", address],
    queryFn: async () => Number((await send(address, { method: "HEAD" })).headers.get("Content-Length") ?? 0),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const value = useQuery({
    queryKey: ["file-value", address],
    queryFn: () => json<Json>(address),
    enabled: isWanted,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });
  const said = length.data ? words.results.large(bytes(length.data)) : words.results.largeUnknown;
  if (size === "node") return <p className="result-line result-line-node">{said}</p>;
  if (value.data !== undefined) return <ValuePreview value={value.data} size={size} />;
  return (
    <div className="result-file">
      <span>{value.isError ? words.results.notLoaded : said}</span>
      <Button isSmall disabled={value.isFetching} onClick={() => (value.isError ? void value.refetch() : setIsWanted(true))}>
        {value.isFetching ? words.results.loading : words.results.load}
      </Button>
    </div>
  );
}
