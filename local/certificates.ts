import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { using } from './using-file.ts';

/** The local host's own certificate authority and its server certificate: kubectl sends no token over plain HTTP. All PEM. */
export interface Certificates {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/**
 * The certificates kept in `dir`, or new ones, kept there when a directory is given. The CA's key is not kept: nothing else is ever to be
 * signed with it. New ones, of a new authority, are made when the kept ones have less than 30 days left, or are not yet valid: the clock was ahead
 * when they were made. `now` is the wall clock, as clients judge them by theirs. Throws when what is kept does not belong together.
 */
export async function certificates({ dir, now }: { dir: string | undefined; now: number }): Promise<Certificates> {
  const kept = dir && using(dir, () => read(dir));
  if (kept && isCurrent(kept, now)) return kept;
  const made = await issue(now);
  if (dir) using(dir, () => keep(dir, made));
  return made;
}

const DAY_MS = 86_400_000;
const VALID_MS = 365 * DAY_MS;

function read(dir: string): Certificates | undefined {
  const text = (name: keyof Certificates) => readFileSync(path.join(dir, `${name}.pem`), 'utf8');
  let kept: Certificates;
  try {
    kept = { ca: text('ca'), cert: text('cert'), key: text('key') };
  } catch (error) {
    // What was not kept whole was never used.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  if (!belongTogether(kept)) throw new Error(`${dir} is damaged: remove it, and the next start makes new certificates and a kubeconfig that trusts them`);
  return kept;
}

function belongTogether({ ca, cert, key }: Certificates): boolean {
  try {
    const [authority, server] = [new X509Certificate(ca), new X509Certificate(cert)];
    return server.verify(authority.publicKey) && server.checkPrivateKey(createPrivateKey(key));
  } catch {
    return false;
  }
}

const isCurrent = ({ ca, cert }: Certificates, now: number): boolean =>
  [ca, cert].map((pem) => new X509Certificate(pem)).every((one) => Date.parse(one.validFrom) <= now && Date.parse(one.validTo) - now >= 30 * DAY_MS);

/** The CA goes first and comes last: a set that is not whole has none. */
function keep(dir: string, made: Certificates): void {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  rmSync(path.join(dir, 'ca.pem'), { force: true });
  for (const name of ['key', 'cert', 'ca'] as const) {
    const file = path.join(dir, `${name}.pem`);
    writeFileSync(`${file}.new`, made[name], { mode: 0o600, flush: true });
    renameSync(`${file}.new`, file);
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
