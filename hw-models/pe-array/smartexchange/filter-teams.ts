/**
 * Which filters work side by side. Slices share the inputs they are given, so a team is as many filters of one group as there are
 * slices, twice as many where lines are split in clusters. A depth-wise filter has a channel of its own: there the slices take the
 * filters of several groups, each with inputs of its own.
 *
 *     for group, for slices' worth of filters            or    for slices' worth of (group, filter)
 *       parallel over slices (and clusters)
 */
import type { LayerValues, TileBox } from "../layer-values.js";
import type { SmartExchangeParameters } from "./smartexchange-parameters.js";

/** Neighbouring filters that are given the same inputs. */
export interface FilterSet {
  readonly group: number;
  /** First filter, counted in its group. */
  readonly from: number;
  readonly count: number;
}

/** Sets that work at the same time. */
export type Team = readonly FilterSet[];

/** Teams that follow one another with the same inputs. */
export type Cohort = readonly Team[];

/** Filters that the MACs of a line are split over: as many as it has engines, where half of them would have no position. */
export function clustersOf(parameters: SmartExchangeParameters, { bounds }: LayerValues, { extent }: TileBox): number {
  const { rebuildEnginesPerLine: engines, macsPerLine, slices } = parameters;
  const hasRowsOfChannels = bounds.R * bounds.S === 1 && bounds.C > 1;
  const isNarrow = extent.N * extent.P * extent.Q * engines <= macsPerLine && extent.K > slices;
  return hasRowsOfChannels && isNarrow ? engines : 1;
}

export function cohortsOf(
  { bounds }: LayerValues,
  { from, extent }: TileBox,
  slices: number,
  clusters: number,
): Cohort[] {
  const groups = Array.from({ length: extent.G }, (_, group) => from.G + group);
  if (bounds.C > 1)
    return groups.map((group) => setsOf(group, from.K, extent.K, slices * clusters).map((set) => [set]));
  const single = groups.flatMap((group) => setsOf(group, from.K, extent.K, 1));
  const cohorts: Cohort[] = [];
  for (let at = 0; at < single.length; at += slices) cohorts.push([single.slice(at, at + slices)]);
  return cohorts;
}

function setsOf(group: number, first: number, filters: number, most: number): FilterSet[] {
  const sets: FilterSet[] = [];
  for (let from = 0; from < filters; from += most) {
    sets.push({ group, from: first + from, count: Math.min(most, filters - from) });
  }
  return sets;
}
