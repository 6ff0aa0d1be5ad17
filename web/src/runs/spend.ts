// What was spent, as bars: by day with a part for each group of actions, and by model or flow. Pure.

export interface CostRow {
  day?: string;
  model?: string | null;
  action?: string | null;
  flow?: string | null;
  cost: number;
  steps: number;
}

export interface DayBar {
  /** `2026-11-27`. */
  day: string;
  total: number;
  /** From the bottom to the top. */
  parts: { group: string; cost: number; from: number }[];
}

/** A bar for each day of a period, also for those without costs. */
export function dayBars(rows: readonly CostRow[], days: readonly string[], groupOf: (action: string) => string): DayBar[] {
  const groups = groupTotals(rows, groupOf).map((one) => one.group);
  return days.map((day) => {
    const costs = new Map<string, number>();
    for (const row of rows) {
      if (row.day !== day) continue;
      const group = groupOf(row.action ?? "");
      costs.set(group, (costs.get(group) ?? 0) + row.cost);
    }
    let from = 0;
    const parts = groups.flatMap((group) => {
      const cost = costs.get(group) ?? 0;
      if (cost === 0) return [];
      from += cost;
      return [{ group, cost, from: from - cost }];
    });
    return { day, total: from, parts };
  });
}

export function groupTotals(rows: readonly CostRow[], groupOf: (action: string) => string): { group: string; cost: number }[] {
  const totals = new Map<string, number>();
  for (const row of rows) {
    const group = groupOf(row.action ?? "");
    totals.set(group, (totals.get(group) ?? 0) + row.cost);
  }
  return [...totals].map(([group, cost]) => ({ group, cost })).sort((a, b) => b.cost - a.cost);
}

export const totalOf = (rows: readonly CostRow[]): number => rows.reduce((sum, row) => sum + row.cost, 0);

/** The days up to a day, the oldest first; in UTC, as the server counts them. */
export function daysUpTo(last: Date, count: number): string[] {
  return Array.from({ length: count }, (_, index) =>
    new Date(last.getTime() - (count - 1 - index) * 86_400_000).toISOString().slice(0, 10),
  );
}

/** Round marks from zero to at least the highest value: `[0, 0.4, 0.8]`. */
export function ticks(highest: number, most = 3): number[] {
  if (!(highest > 0)) return [0];
  const rough = highest / (most - 1);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 2.5, 4, 5, 10].find((one) => one * power >= rough * (1 - 1e-9)) ?? 10) * power;
  const count = Math.max(1, Math.ceil(highest / step - 1e-9));
  return Array.from({ length: count + 1 }, (_, index) => Number((index * step).toPrecision(12)));
}
