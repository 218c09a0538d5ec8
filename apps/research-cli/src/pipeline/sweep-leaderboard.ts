/** The leaderboard of a sweep at the places that users know. */
import {
  columnOf,
  LEADERBOARD_ALIASES,
  LEADERBOARD_EXITS,
  type Column,
  type ConfigValues,
  type Table,
} from '@donch/core';

/** The leaderboard under the names users' notebooks read, then our further columns. */
export function compatLeaderboard(leaderboard: Table, base: ConfigValues): Table {
  const columns = new Map(
    LEADERBOARD_ALIASES.map(([registry, alias]): [string, Column] => [alias, columnOf(leaderboard, registry)]),
  );
  for (const [key, alias] of LEADERBOARD_EXITS) columns.set(alias, exitColumn(leaderboard, key, base));
  const renamed = new Set<string>([
    ...LEADERBOARD_ALIASES.map(([registry]) => registry),
    ...LEADERBOARD_EXITS.map(([key]) => key.toLowerCase()),
  ]);
  for (const [name, column] of leaderboard.columns) if (!renamed.has(name)) columns.set(name, column);
  return { name: 'leaderboard', length: leaderboard.length, columns };
}

/** The varied values, or the one that all variants share; null as a missing number. */
function exitColumn(leaderboard: Table, key: (typeof LEADERBOARD_EXITS)[number][0], base: ConfigValues): Column {
  const varied = leaderboard.columns.get(key.toLowerCase());
  if (varied !== undefined) return varied;
  const value = base[key];
  const values = new Float64Array(leaderboard.length).fill(value === null ? Number.NaN : Number(value));
  return { type: typeof value === 'boolean' ? 'bool' : 'float', values };
}
