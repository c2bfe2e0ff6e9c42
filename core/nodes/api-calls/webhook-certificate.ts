import { type KeyObject, sign } from 'node:crypto';
import { derivedKey } from '../../auth/derived-key.ts';
import type { KubeObject } from '../../kube/object.ts';
import { encodeName } from '../../x509/distinguished-name.ts';
import { type CertificateTemplate, issue } from '../../x509/issue.ts';
import { pemOf } from '../../x509/pem.ts';
import { NO_NAMES } from '../../x509/subject-alternative-names.ts';
import type { Caller } from './caller.ts';
import { createIfAbsent } from './create-if-absent.ts';
import { type Outcome, unknown } from './outcome.ts';

const YEAR = 365 * 24 * 60 * 60 * 1000;
/** keyCertSign and digitalSignature (RFC 5280, 4.2.1.3). */
const AUTHORITY_USAGE = (1 << 0) | (1 << 5);
const SERVER_USAGE = 1 << 0;
const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';

/**
 * `kube-webhook-certgen create --host=a,b --namespace=n --secret-name=s`: a Secret with a certificate for a webhook's server, its key and its authority,
 * unless it is there. (`patch`, which has webhooks trust it and fail without it, does nothing here: there is no server behind them.)
 */
export function webhookCertificate(args: readonly string[], caller: Caller): Outcome {
  const flag = (name: string) => {
    const i = args.findIndex((arg) => arg === `--${name}` || arg.startsWith(`--${name}=`));
    return i < 0 ? undefined : args[i]!.includes('=') ? args[i]!.slice(name.length + 3) : args[i + 1];
  };
  const name = flag('secret-name');
  if (args[0] !== 'create' || !name) return unknown;
  const { authority, certificate, key } = certificates((flag('host') ?? '').split(','), caller);
  const data = Object.fromEntries(
    [
      ['ca', authority],
      [flag('cert-name') ?? 'cert', certificate],
      [flag('key-name') ?? 'key', key],
    ].map(([entry, pem]) => [entry!, Buffer.from(pem!).toString('base64')]),
  );
  return createIfAbsent(
    { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace: flag('namespace') ?? caller.namespace }, type: 'Opaque', data } as KubeObject,
    caller,
  );
}

function certificates(dnsNames: readonly string[], { env, now }: Pick<Caller, 'env' | 'now'>): { authority: string; certificate: string; key: string } {
  const secret = Buffer.from(Array.from({ length: 32 }, () => Math.floor(env.random.next() * 256)));
  const pair = (label: string) => derivedKey(secret, (attempt) => `${label} ${attempt}`);
  const [root, server] = [pair('authority'), pair('server')];
  const issuer = encodeName({ organization: ['nil1'] });
  const info = (key: KeyObject) => key.export({ type: 'spki', format: 'der' });
  const signed = (template: Partial<CertificateTemplate> & Pick<CertificateTemplate, 'subject' | 'publicKey'>) =>
    issue(
      {
        serialNumber: Buffer.from(env.ids.uid().replaceAll('-', ''), 'hex'),
        issuer,
        notBefore: now,
        notAfter: now + 100 * YEAR,
        keyUsage: SERVER_USAGE,
        extendedKeyUsages: [],
        isAuthority: false,
        authorityKey: info(root.publicKey),
        ...template,
      },
      (bytes) => sign('sha256', bytes, root.privateKey),
    );
  const own = signed({ subject: issuer, publicKey: info(root.publicKey), keyUsage: AUTHORITY_USAGE, isAuthority: true });
  const subject = encodeName({ organization: ['nil2'] });
  const served = signed({ subject, publicKey: info(server.publicKey), extendedKeyUsages: [SERVER_AUTH], names: { ...NO_NAMES, dnsNames: [...dnsNames] } });
  return {
    authority: pemOf('CERTIFICATE', own),
    certificate: pemOf('CERTIFICATE', served),
    key: server.privateKey.export({ type: 'sec1', format: 'pem' }) as string,
  };
}
