// What was found in images: each image with a frame around each find, and the list of finds.

import { useState, type CSSProperties, type ReactElement } from "react";

import { words } from "../words";
import "./results.css";
import { isFileEntry } from "./files";
import { Picture } from "./Images";
import { boxesOf, type Analysis, type Box } from "./preview";

interface Props {
  rows: Analysis[];
  size: "node" | "panel";
}

export function Boxes({ rows, size }: Props): ReactElement {
  if (size === "node") return <InNode rows={rows} />;
  return (
    <ul className="result-analyses">
      {rows.map((row, index) => (
        <li key={index}>
          <OneImage row={row} />
        </li>
      ))}
    </ul>
  );
}

function InNode({ rows }: { rows: Analysis[] }): ReactElement {
  const counts = new Map<string, number>();
  for (const box of rows.flatMap(boxesOf)) counts.set(box.label, (counts.get(box.label) ?? 0) + 1);
  const first = rows.find((row) => boxesOf(row).length > 0) ?? rows[0];
  return (
    <div className="result-boxes-node">
      {first && isFileEntry(first.annotated) && (
        <span className="result-boxes-image">
          <Picture file={first.annotated} />
        </span>
      )}
      <ul className="result-counts">
        {[...counts].slice(0, 3).map(([label, count]) => (
          <li key={label}>
            <span>{label}</span> <span className="mono">{count}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

function OneImage({ row }: { row: Analysis }): ReactElement {
  const [marked, setMarked] = useState<number | null>(null);
  const boxes = boxesOf(row);
  return (
    <figure className="result-analysis">
      {isFileEntry(row.annotated) && (
        <div className="result-frame">
          <Picture file={row.annotated} />
          {boxes.map((box, index) => (
            <span key={index} className={`result-box ${marked === index ? "result-box-marked" : ""}`} style={placeOf(box)} />
          ))}
        </div>
      )}
      <figcaption>{row.name}</figcaption>
      <ul className="result-finds">
        {boxes.map((box, index) => (
          <li key={index} onMouseEnter={() => setMarked(index)} onMouseLeave={() => setMarked(null)}>
            <span>{box.label || words.results.unnamed}</span>
            {box.confidence !== null && <span className="mono">{Math.round(box.confidence * 100)} %</span>}
          </li>
        ))}
      </ul>
    </figure>
  );
}

function placeOf(box: Box): CSSProperties {
  const part = (share: number): string => `${share * 100}%`;
  return { left: part(box.x), top: part(box.y), width: part(box.width), height: part(box.height) };
}
