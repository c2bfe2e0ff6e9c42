import type { CheckedPod } from './control.ts';

/** Names as violations list them: `"a", "b"`, nothing in them escaped. */
export const listed = (names: Iterable<string>): string => [...names].map((name) => `"${name}"`).join(', ');

/** Distinct values in the order of their bytes, as upstream's sets list them. */
export const sorted = (values: Iterable<string>): string[] => [...new Set(values)].sort();

export const plural = (word: string, count: number): string => (count === 1 ? word : `${word}s`);

/** `container "a"`, `containers "a", "b"` */
export const counted = (word: string, names: readonly string[]): string => `${plural(word, names.length)} ${listed(names)}`;

/** `volume "v" uses`, `volumes "v", "w" use` */
export const using = (word: string, names: readonly string[]): string => `${counted(word, names)} ${names.length === 1 ? 'uses' : 'use'}`;

/** The names of the containers of which something is true. */
export const containersThat = ({ containers }: CheckedPod, holds: (container: CheckedPod['containers'][number]) => boolean): string[] =>
  containers.filter(holds).map(({ name }) => name);

/** Who says something: `pod and containers "a", "b"`. */
export const settersOf = (podSays: boolean, containers: readonly string[]): string =>
  [...(podSays ? ['pod'] : []), ...(containers.length > 0 ? [counted('container', containers)] : [])].join(' and ');
