import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { SignJWT } from 'jose/jwt/sign';
import { issue } from './webhook-server.ts';

/** An OpenID Connect issuer on this machine, with a certificate of an authority of its own. */
export interface Issuer {
  readonly url: string;
  /** The authority's certificate, PEM. */
  readonly ca: string;
  /** The paths that were asked for. */
  readonly asked: string[];
  /** Answers a path by hand, until told otherwise. */
  answers: (path: string, response: ServerResponse) => boolean;
  /** What it signs with from now on, and says so: a new key unless it is given one. */
  rotate(key?: SigningPair): SigningPair;
  /** A token of these claims, over those that a good one has. */
  token(claims?: Record<string, unknown>, options?: { readonly key?: SigningPair; readonly header?: Record<string, unknown> }): Promise<string>;
  close(): Promise<void>;
}

export interface SigningPair {
  readonly kid: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

export const AUDIENCE = 'logplane';

export async function issuer({ now, path = '' }: { now: () => number; path?: string }): Promise<Issuer> {
  const { ca, cert, key } = await issue({ names: ['localhost', '127.0.0.1'], commonName: 'issuer', expired: false });
  const asked: string[] = [];
  let current = pair('key-1');
  let made = 1;
  const server = createServer({ cert, key }, (request, response) => {
    asked.push(request.url!);
    if (self.answers(request.url!, response)) return;
    if (request.url === `${path}/.well-known/openid-configuration`)
      return void response.end(JSON.stringify({ issuer: self.url, jwks_uri: `${self.url}/keys` }));
    if (request.url === `${path}/keys`) {
      const jwk = { ...current.publicKey.export({ format: 'jwk' }), kid: current.kid, use: 'sig' };
      return void response.end(JSON.stringify({ keys: [jwk] }));
    }
    response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const self: Issuer = {
    url: `https://localhost:${(server.address() as AddressInfo).port}${path}`,
    ca,
    asked,
    answers: () => false,
    rotate(key) {
      current = key ?? pair(`key-${++made}`);
      return current;
    },
    token(claims = {}, { key = current, header = {} } = {}) {
      const seconds = Math.floor(now() / 1000);
      const all = { iss: self.url, sub: 'jane', aud: AUDIENCE, iat: seconds, exp: seconds + 600, jti: 'id', ...claims };
      return new SignJWT(all).setProtectedHeader({ alg: 'RS256', kid: key.kid, ...header }).sign(key.privateKey);
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return self;
}

/** RSA is what every issuer signs with, and what takes the longest to make: the tests share what they can. */
export const pair = (kid: string): SigningPair => ({ kid, ...generateKeyPairSync('rsa', { modulusLength: 2048 }) });
