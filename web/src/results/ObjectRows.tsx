// Structured data as rows of key and value.

import type { ReactElement } from "react";

import type { Json } from "../flow/document";
import { words } from "../words";
import "./results.css";
import { isFileEntry } from "./files";
import { Images } from "./Images";
import { LargeValue } from "./LargeValue";
import { imagesOf, largeUrl, previewKind } from "./preview";
import { LongText } from "./Texts";
import { brief, entriesOf } from "./values";

const IN_NODE = 3;
const MOST = 200;

/** The first rows of an object, or of a list of objects. */
export function RowsInNode({ value }: { value: Json }): ReactElement {
  return (
    <dl className="result-rows-node">
      {entriesOf(value)
        .slice(0, IN_NODE)
        .map(([key, one]) => (
          <div key={key}>
            <dt className="mono">{key}</dt>
            <dd className={typeof one === "object" ? "result-dim" : ""}>{preview(one)}</dd>
          </div>
        ))}
    </dl>
  );
}

/** The row of a table in a node shows its first values, not that it is an object. */
function preview(value: Json | undefined): string {
  if (typeof value !== "object" || value === null || Array.isArray(value) || isFileEntry(value)) return brief(value);
  const plain = Object.values(value).filter((one) => typeof one !== "object" && one !== undefined);
  return plain.length > 0 ? plain.slice(0, 3).map(brief).join(" · ") : brief(value);
}

export function ObjectRows({ value }: { value: Json }): ReactElement {
  const entries = entriesOf(value);
  return (
    <dl className="result-rows">
      {entries.slice(0, MOST).map(([key, one]) => (
        <Row key={key} name={key} value={one} />
      ))}
      {entries.length > MOST && <p className="result-note">{words.results.moreRows(entries.length - MOST)}</p>}
    </dl>
  );
}

function Row({ name, value }: { name: string; value: Json | undefined }): ReactElement {
  const kind = previewKind(value);
  const isNested = kind === "object" || kind === "table" || kind === "boxes";
  if (isNested && value !== undefined)
    return (
      <details className="result-nested" open={entriesOf(value).length <= 6}>
        <summary>
          <span className="mono">{name}</span>
          <span className="result-dim">{brief(value)}</span>
        </summary>
        <ObjectRows value={value} />
      </details>
    );
  return (
    <div className="result-row">
      <dt className="mono">{name}</dt>
      <dd>
        {kind === "images" ? (
          <Images files={imagesOf(value)} size="node" />
        ) : kind === "large" ? (
          <LargeValue url={largeUrl(value) ?? ""} size="panel" />
        ) : typeof value === "string" ? (
          <LongText text={value} size="panel" />
        ) : (
          <span className={typeof value === "object" ? "result-dim" : "mono"}>{brief(value)}</span>
        )}
      </dd>
    </div>
  );
}
