import { createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import { between, type RealInstant } from '../../instant.ts';
import type { HttpsGet } from '../https-get.ts';

/** The keys with which an issuer signs, as it publishes them (OpenID Connect Discovery 1.0; RFC 7517). */
export class IssuerKeys {
  readonly #options: IssuerKeysOptions;
  #keys: readonly IssuerKey[] = [];
  /** When they were asked for last, with or without success. */
  #asked: RealInstant | undefined;
  #asking: Promise<void> | undefined;

  constructor(options: IssuerKeysOptions) {
    this.#options = options;
  }

  /** The keys that a token may have been signed with; none yet, before the issuer was asked. */
  named(id: string | undefined): readonly KeyObject[] {
    return this.#keys.filter((key) => id === undefined || key.id === id).map(({ key }) => key);
  }

  /** Whether they are so old that they are asked for again, though a key is known: one that was withdrawn is not to be good for ever. */
  isStale(now: RealInstant): boolean {
    return this.#asked === undefined || between(this.#asked, now) > STALE_MS;
  }

  /**
   * Asks the issuer, for all who want to know at once; not again within seconds, so that tokens which name keys that do not exist cost it, and this server, next to nothing. Those that are
   * known stay where it gives no answer, of which the host is told. False: it was not asked.
   */
  async refresh(now: RealInstant): Promise<boolean> {
    if (!this.#asking) {
      const since = this.#asked === undefined ? Number.POSITIVE_INFINITY : between(this.#asked, now);
      if (since >= 0 && since < PAUSE_MS) return false;
      this.#asked = now;
      this.#asking = this.#ask().finally(() => {
        this.#asking = undefined;
      });
    }
    await this.#asking;
    return true;
  }

  async #ask(): Promise<void> {
    const { issuer, discoveryUrl, problem } = this.#options;
    try {
      const discovered = await this.#document(discoveryUrl ?? `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`);
      // Otherwise one issuer could have another's tokens checked with its own keys.
      if (discovered['issuer'] !== issuer) {
        throw new Error(`issuer did not match the issuer returned by provider, expected ${JSON.stringify(issuer)} got ${JSON.stringify(discovered['issuer'])}`);
      }
      const { jwks_uri: place } = discovered;
      if (typeof place !== 'string' || !place.startsWith('https://')) throw new Error('provider did not return JWKS URL');
      const { keys } = await this.#document(place);
      if (!Array.isArray(keys)) throw new Error('the JWKS has no keys');
      this.#keys = keys.slice(0, MOST_KEYS).flatMap(keyOf);
    } catch (error) {
      problem(`the keys of the issuer ${issuer} could not be had`, error);
    }
  }

  async #document(url: string): Promise<Readonly<Record<string, unknown>>> {
    const { get, certificateAuthority: ca } = this.#options;
    const { status, body } = await get({ url, headers: { accept: 'application/json' }, ca, maxBytes: MOST_BYTES, timeoutMs: TIMEOUT_MS });
    if (status !== 200) throw new Error(`${url} answered ${status}`);
    const document: unknown = JSON.parse(Buffer.from(body).toString());
    if (typeof document !== 'object' || document === null) throw new Error(`${url} answered no object`);
    return document as Readonly<Record<string, unknown>>;
  }
}

export interface IssuerKeysOptions {
  readonly issuer: string;
  /** Where what the issuer says of itself is, unless that is below its own URL. */
  readonly discoveryUrl: string | undefined;
  /** PEM; undefined: those of the system. */
  readonly certificateAuthority: string | undefined;
  readonly get: HttpsGet;
  readonly problem: (message: string, error: unknown) => void;
}

interface IssuerKey {
  readonly id: string | undefined;
  readonly key: KeyObject;
}

/** A public key to check signatures with; none of what is no such key: a secret that two share, one to encrypt with. */
function keyOf(jwk: unknown): IssuerKey[] {
  const { kid, use, kty } = (typeof jwk === 'object' && jwk !== null ? jwk : {}) as Readonly<Record<string, unknown>>;
  if ((kty !== 'RSA' && kty !== 'EC') || (use !== undefined && use !== 'sig')) return [];
  try {
    const key = createPublicKey({ key: jwk as JsonWebKey, format: 'jwk' });
    return [{ id: typeof kid === 'string' ? kid : undefined, key }];
  } catch {
    return [];
  }
}

const PAUSE_MS = 10_000;
const STALE_MS = 3_600_000;
/** An authentication waits for two such answers at most, which is less than a client waits. */
const TIMEOUT_MS = 5_000;
const MOST_BYTES = 256 * 1024;
const MOST_KEYS = 100;
