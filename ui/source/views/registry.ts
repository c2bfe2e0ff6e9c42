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
  { name: 'object', title: 'Objects', key: 'o', load: async () => (await import('./object/object.tsx')).Objects },
  { name: 'what-if', title: 'What if', key: 'w', load: async () => (await import('./what-if/what-if.tsx')).WhatIf },
  { name: 'clusters', title: 'Clusters', key: 'f', load: async () => (await import('./clusters/clusters.tsx')).Clusters },
  { name: 'subscriptions', title: 'Subscriptions', key: 's', load: async () => (await import('./subscriptions/subscriptions.tsx')).Subscriptions },
];

export const viewNamed = (name: string): View => views.find((view) => view.name === name) ?? views[0]!;
