import 'reflect-metadata';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { type AddressInfo, isIP } from 'node:net';
import * as x509 from '@peculiar/x509';
import type { KubeObject } from '../../core/kube/object.ts';

/** A webhook as an operator brings it: an HTTPS server with a certificate of an authority of its own. */
export interface WebhookServer {
  readonly port: number;
  /** The authority's certificate, as `caBundle` has it. */
  readonly caBundle: string;
  /** The bodies that came, in their order. */
  readonly asked: ConversionReview[];
  /** What came with them. */
  readonly requests: { readonly path: string; readonly headers: IncomingMessage['headers'] }[];
  /** How many connections were made. */
  readonly connections: () => number;
  close(): Promise<void>;
}

export interface ConversionReview {
  readonly kind: string;
  readonly apiVersion: string;
  readonly request: { readonly uid: string; readonly desiredAPIVersion: string; readonly objects: readonly KubeObject[] };
}

/** Answers a review: an object, or by hand. */
export type Respond = (review: ConversionReview, response: ServerResponse) => object | undefined | Promise<object | undefined>;

interface WebhookServerOptions {
  /** What its certificate is for. */
  readonly names?: readonly string[];
  /** The certificate names what it is for in its common name alone. */
  readonly commonName?: string;
  readonly expired?: boolean;
  readonly host?: string;
  readonly respond: Respond;
}

export async function webhookServer({
  names = ['localhost', '127.0.0.1'],
  commonName,
  expired = false,
  host = '127.0.0.1',
  respond,
}: WebhookServerOptions): Promise<WebhookServer> {
  const { ca, cert, key } = await issue({ names: commonName ? [] : names, commonName: commonName ?? 'webhook', expired });
  const asked: ConversionReview[] = [];
  const requests: WebhookServer['requests'] = [];
  let connections = 0;
  const server = createServer({ cert, key }, async (request, response) => {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece as Buffer);
    const review = JSON.parse(Buffer.concat(pieces).toString()) as ConversionReview;
    asked.push(review);
    requests.push({ path: request.url ?? '', headers: request.headers });
    const answer = await respond(review, response);
    if (answer) response.setHeader('content-type', 'application/json').end(JSON.stringify(answer));
  });
  server.on('secureConnection', () => connections++);
  await new Promise<void>((resolve) => server.listen(0, host, () => resolve()));
  return {
    port: (server.address() as AddressInfo).port,
    caBundle: Buffer.from(ca).toString('base64'),
    asked,
    requests,
    connections: () => connections,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** The answer to a review, with these objects. */
export const conversionOf = ({ request: { uid } }: ConversionReview, convertedObjects: unknown): object => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'ConversionReview',
  response: { uid, result: { status: 'Success' }, convertedObjects },
});

const DAY_MS = 86_400_000;

export async function issue({ names, commonName, expired }: { names: readonly string[]; commonName: string; expired: boolean }) {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = () => crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const validity = { notBefore: new Date(Date.now() - 2 * DAY_MS), notAfter: new Date(Date.now() + DAY_MS) };
  const caKeys = await keys();
  const ca = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=webhook-ca',
    keys: caKeys,
    ...validity,
    signingAlgorithm: algorithm,
    extensions: [new x509.BasicConstraintsExtension(true, 0, true), await x509.SubjectKeyIdentifierExtension.create(caKeys.publicKey)],
  });
  const serverKeys = await keys();
  const subjects = names.map((value) => ({ type: isIP(value) ? ('ip' as const) : ('dns' as const), value }));
  const cert = await x509.X509CertificateGenerator.create({
    subject: `CN=${commonName}`,
    issuer: ca.subject,
    publicKey: serverKeys.publicKey,
    signingKey: caKeys.privateKey,
    ...validity,
    ...(expired && { notAfter: new Date(Date.now() - DAY_MS) }),
    signingAlgorithm: algorithm,
    extensions: [
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      await x509.AuthorityKeyIdentifierExtension.create(caKeys.publicKey),
      ...(subjects.length > 0 ? [new x509.SubjectAlternativeNameExtension(subjects)] : []),
    ],
  });
  const key = Buffer.from(await crypto.subtle.exportKey('pkcs8', serverKeys.privateKey)).toString('base64');
  return {
    ca: ca.toString('pem'),
    cert: cert.toString('pem'),
    key: `-----BEGIN PRIVATE KEY-----\n${key.match(/.{1,64}/g)!.join('\n')}\n-----END PRIVATE KEY-----\n`,
  };
}
