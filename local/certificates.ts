import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** The local host's own certificate authority and its server certificate: kubectl sends no token over plain HTTP. All PEM. */
export interface Certificates {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/**
 * The certificates kept in `dir`, or new ones, kept there when a directory is given. The CA's key is not kept: nothing else is ever to be
 * signed with it. New ones are made when the kept ones have less than 30 days left.
 */
export async function certificates({ dir, now }: { dir: string | undefined; now: number }): Promise<Certificates> {
  const kept = dir && read(dir, now);
  if (kept) return kept;
  const made = await issue(now);
  if (dir) {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    for (const name of files) writeFileSync(path.join(dir, `${name}.pem`), made[name], { mode: 0o600 });
    writeFileSync(path.join(dir, 'expires'), new Date(now + VALID_MS).toISOString());
  }
  return made;
}

const files = ['ca', 'cert', 'key'] as const;
const DAY_MS = 86_400_000;
const VALID_MS = 365 * DAY_MS;

function read(dir: string, now: number): Certificates | undefined {
  try {
    const text = (name: string) => readFileSync(path.join(dir, name), 'utf8');
    if (Date.parse(text('expires')) - now < 30 * DAY_MS) return undefined;
    return { ca: text('ca.pem'), cert: text('cert.pem'), key: text('key.pem') };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

async function issue(now: number): Promise<Certificates> {
  // Loaded only here: a host that has its certificates starts without it.
  await import('reflect-metadata'); // which @peculiar/x509 needs before it
  const x509 = await import('@peculiar/x509');
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = () => crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const validity = { notBefore: new Date(now - 3_600_000), notAfter: new Date(now + VALID_MS) };

  const caKeys = await keys();
  const ca = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=logplane-ca',
    keys: caKeys,
    ...validity,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(caKeys.publicKey),
    ],
  });
  const serverKeys = await keys();
  const server = await x509.X509CertificateGenerator.create({
    subject: 'CN=logplane',
    issuer: ca.subject,
    publicKey: serverKeys.publicKey,
    signingKey: caKeys.privateKey,
    ...validity,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension([
        { type: 'dns', value: 'localhost' },
        { type: 'ip', value: '127.0.0.1' },
        { type: 'ip', value: '::1' },
      ]),
      await x509.AuthorityKeyIdentifierExtension.create(caKeys.publicKey),
    ],
  });
  const key = Buffer.from(await crypto.subtle.exportKey('pkcs8', serverKeys.privateKey)).toString('base64');
  return {
    ca: ca.toString('pem'),
    cert: server.toString('pem'),
    key: `-----BEGIN PRIVATE KEY-----\n${key.match(/.{1,64}/g)!.join('\n')}\n-----END PRIVATE KEY-----\n`,
  };
}
