// A list of objects as a table. Only the rows on the screen are drawn.

import { useVirtualizer } from "@tanstack/react-virtual";
import { useRef, type CSSProperties, type ReactElement } from "react";

import { isObject, type Json } from "../flow/document";
import { words } from "../words";
import "./results.css";
import { columnsOf } from "./preview";
import { brief } from "./values";

const ROW = 28;

export function DataTable({ rows }: { rows: Json[] }): ReactElement {
  const scroller = useRef<HTMLDivElement>(null);
  const columns = columnsOf(rows);
  // eslint-disable-next-line react-hooks/incompatible-library -- the rows are not memoised by others
  const virtual = useVirtualizer({ count: rows.length, getScrollElement: () => scroller.current, estimateSize: () => ROW, overscan: 10 });
  return (
    <div className="result-table nowheel" ref={scroller} role="table" aria-rowcount={rows.length} tabIndex={0} aria-label={words.results.rows(rows.length)} style={{ "--columns": columns.length } as CSSProperties}>
      <div className="result-tr result-th" role="row">
        {columns.map((column) => (
          <span key={column} role="columnheader" className="mono">
            {column}
          </span>
        ))}
      </div>
      <div className="result-tbody" style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map((item) => {
          const row = rows[item.index];
          return (
            <div key={item.key} className="result-tr" role="row" aria-rowindex={item.index + 1} style={{ transform: `translateY(${item.start}px)` }}>
              {columns.map((column) => {
                const text = brief(isObject(row) ? row[column] : undefined);
                return (
                  <span key={column} role="cell" title={text}>
                    {text}
                  </span>
                );
              })}
            </div>
          );
        })}
      </div>
    </div>
  );
}
