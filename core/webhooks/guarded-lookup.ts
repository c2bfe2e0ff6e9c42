import { lookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import type { RefusedAddresses } from './refused-addresses.ts';

/** Looks names up as Node does, and rejects those that lead to an address that is not dialled. */
export const guardedLookup =
  (refused: RefusedAddresses): LookupFunction =>
  (host, options, done) =>
    lookup(host, { ...options, all: true }, (error, found) => {
      if (error) return done(error, '');
      // One among them is enough: which of them is dialled is not ours to say.
      const refusal = found.map(({ address }) => refused.refusal(address)).find((one) => one !== undefined);
      if (refusal) return done(refusal, '');
      if (options.all) return done(null, found);
      done(null, found[0]!.address, found[0]!.family);
    });
