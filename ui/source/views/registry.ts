import type { ComponentType } from 'preact';

/** One view of the page. */
export interface View {
  /** In the URL: `#/default/now`. */
  readonly name: string;
  /** In the navigation. */
  readonly title: string;
  /** Goes there, behind `g`. */
  readonly key: string;
  /** Loaded when it is first shown. */
  readonly load: () => Promise<ComponentType>;
}

/** All of them, in the order of the navigation. Those without a place in it are reached from others. */
export const views: readonly View[] = [
  { name: 'now', title: 'Cluster', key: 'c', load: async () => (await import('./now/now.tsx')).Now },
  { name: 'compare', title: 'Compare', key: 'm', load: async () => (await import('./compare/compare.tsx')).Compare },
];

export const viewNamed = (name: string): View => views.find((view) => view.name === name) ?? views[0]!;
