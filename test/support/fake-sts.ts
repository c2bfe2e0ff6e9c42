import { createHash } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { issue } from './webhook-server.ts';

/** AWS STS as far as tokens need it, on this machine: it says who signed a call, of the identities that it has. Its signatures are none of AWS. */
export interface FakeSts {
  readonly port: number;
  /** The authority of its certificate, PEM. */
  readonly ca: string;
  /** The targets of the calls that came, and what came with them. */
  readonly calls: { readonly target: string; readonly method: string; readonly headers: Readonly<Record<string, unknown>> }[];
  /** Answers a call by hand, until told otherwise. */
  answers: (response: ServerResponse) => boolean;
  close(): Promise<void>;
}

export interface Identity {
  readonly Arn: string;
  readonly Account: string;
  readonly UserId: string;
}

/** `identities`: by their access keys. */
export async function fakeSts({ host, identities }: { host: string; identities: Readonly<Record<string, Identity>> }): Promise<FakeSts> {
  const { ca, cert, key } = await issue({ names: [host], commonName: 'sts', expired: false });
  const calls: FakeSts['calls'] = [];
  const server = createServer({ cert, key }, (request, response) => {
    calls.push({ target: request.url!, method: request.method!, headers: request.headers });
    if (self.answers(response)) return;
    const query = new URL(request.url!, 'https://sts').searchParams;
    const accessKey = query.get('X-Amz-Credential')!.split('/')[0]!;
    const identity = identities[accessKey];
    const isSigned =
      query.get('X-Amz-Signature') === signature({ accessKey, date: query.get('X-Amz-Date')!, cluster: String(request.headers['x-k8s-aws-id']) });
    if (!identity || !isSigned) return void response.writeHead(403).end(JSON.stringify({ Error: { Code: 'SignatureDoesNotMatch' } }));
    response.end(JSON.stringify({ GetCallerIdentityResponse: { GetCallerIdentityResult: identity, ResponseMetadata: { RequestId: 'id' } } }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const self: FakeSts = {
    port: (server.address() as AddressInfo).port,
    ca,
    calls,
    answers: () => false,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return self;
}

const signature = (of: { accessKey: string; date: string; cluster: string }) => createHash('sha256').update(JSON.stringify(of)).digest('hex');

interface TokenOptions {
  readonly accessKey: string;
  readonly cluster: string;
  readonly at: number;
  readonly host: string;
  /** Over the parameters that a good one has; undefined: it has none of this name. */
  readonly parameters?: Readonly<Record<string, string | undefined>>;
  /** What becomes of the URL before it is packed. */
  readonly url?: (url: string) => string;
}

/** A token as `aws eks get-token` makes them. */
export function eksToken({ accessKey, cluster, at, host, parameters = {}, url = (same) => same }: TokenOptions): string {
  const date = `${new Date(at).toISOString().replace(/[-:]|\.\d+/g, '')}`;
  const all: Record<string, string | undefined> = {
    Action: 'GetCallerIdentity',
    Version: '2011-06-15',
    'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
    'X-Amz-Credential': `${accessKey}/${date.slice(0, 8)}/eu-west-1/sts/aws4_request`,
    'X-Amz-Date': date,
    'X-Amz-Expires': '60',
    'X-Amz-SignedHeaders': 'host;x-k8s-aws-id',
    'X-Amz-Signature': signature({ accessKey, date, cluster }),
    ...parameters,
  };
  const query = Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${encodeURIComponent(value)}`]));
  return `k8s-aws-v1.${Buffer.from(url(`https://${host}/?${query.join('&')}`)).toString('base64url')}`;
}
