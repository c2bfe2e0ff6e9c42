/** Which cluster, and as it was at which moment: an offset, a time or a bookmark; none: as it is. */
export interface Where {
  readonly cluster: string;
  readonly at?: string | number | undefined;
}

/** What the page's own URL stands below: it may be behind the stage of a gateway. */
const base = new URL('..', `${location.origin}${location.pathname}`).href;

/** The URL of a path of a cluster's API: `/api/v1/pods?limit=1`. */
export const apiUrl = ({ cluster, at }: Where, path: string): string =>
  `${base}clusters/${cluster}${at === undefined ? '' : `@${encodeURIComponent(at)}`}${path}`;

/** A URL of the page's host, beside any cluster. */
export const pageUrl = (name: string): string => `${base}ui/${name}`;
