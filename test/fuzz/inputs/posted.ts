import { CONFIGMAPS, PODS, type RequestInput } from '../input.ts';

/** As many elements as a list may have, and a third of the bytes of a body. */
export const LIST = 10_000;
export const MB = 1_000_000;

/** A kind, in short: where it is posted and what goes around the part that grows. */
export const posted =
  (collection: string, body: (part: object) => object) =>
  (part: object): ReturnType<RequestInput['request']> => ({ line: `POST ${collection}?dryRun=All`, options: { body: body(part) } });

export const specOf = (collection: string) => posted(collection, (spec) => ({ metadata: { name: 'b' }, spec }));

export const metadata = posted(CONFIGMAPS, (part) => ({ metadata: { name: 'b', ...part } }));

export const container = { name: 'main', image: 'x' };

export const pod = posted(PODS, (part) => ({ metadata: { name: 'b' }, spec: { containers: [container], ...part } }));
