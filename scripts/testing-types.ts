import { readFileSync } from 'node:fs';

/**
 * The text of `testing.d.ts` of the package: what `logplane/testing` exports, with nothing of how it is made. It needs no types but those of the platform (`Request`, `Response`, `URL`,
 * `AsyncDisposable`'s symbol), which `@types/node` or the DOM library has.
 */
export const testingTypes = (): string =>
  `${readFileSync(new URL('../local/testing/test-cluster.ts', import.meta.url), 'utf8')}
/** Starts a cluster in this process. Rejects with what is wrong with the options, and with EADDRINUSE. */
export declare const startCluster: StartCluster;
`;
