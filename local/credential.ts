import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { SignJWT } from 'jose/jwt/sign';
import { ASSERTION_TYPE, LONGEST_SECONDS } from '../core/auth/client-assertions.ts';
import { subjectOf } from '../core/x509/certificate.ts';

interface CredentialOptions {
  /** Files, PEM. */
  readonly certificate: string;
  readonly key: string;
  /** The URL of the cluster, as the kubeconfig has it; where kubectl runs this, it tells. */
  readonly server?: string;
}

/**
 * What kubectl sends in the place of a client certificate where TLS ends before the API server: a token that is signed with the certificate's key (core/auth/client-assertions.ts), as
 * an ExecCredential (Kubernetes documentation, "client-go credential plugins"). Throws when a file is none, or nobody says for which server it is to be.
 */
export async function credential(
  { certificate, key, server }: CredentialOptions,
  { execInfo, now }: { execInfo: string | undefined; now: number },
): Promise<object> {
  const asked = execInfo === undefined ? undefined : (JSON.parse(execInfo) as ExecInfo);
  const url = server ?? asked?.spec?.cluster?.server;
  if (url === undefined) throw new Error('for which server? Give --server, or set provideClusterInfo: true in the kubeconfig');
  const expires = Math.floor(now / 1000) + LONGEST_SECONDS;
  const token = await assertion({ certificate: new X509Certificate(readFileSync(certificate)), key: createPrivateKey(readFileSync(key)), url, expires });
  return {
    apiVersion: asked?.apiVersion ?? 'client.authentication.k8s.io/v1',
    kind: 'ExecCredential',
    // kubectl asks again a little before.
    status: { token, expirationTimestamp: new Date((expires - 60) * 1000).toISOString() },
  };
}

/** KUBERNETES_EXEC_INFO: what kubectl tells the command that it runs. */
interface ExecInfo {
  readonly apiVersion: string;
  readonly spec?: { readonly cluster?: { readonly server: string } };
}

interface Assertion {
  readonly certificate: X509Certificate;
  readonly key: KeyObject;
  readonly url: string;
  /** Seconds since the epoch. */
  readonly expires: number;
}

async function assertion({ certificate, key, url, expires }: Assertion): Promise<string> {
  if (!certificate.checkPrivateKey(key)) throw new Error('the key is not that of the certificate');
  return new SignJWT()
    .setProtectedHeader({ alg: algorithmOf(key), typ: ASSERTION_TYPE, x5c: [certificate.raw.toString('base64')] })
    .setSubject(subjectOf(certificate).commonName)
    .setAudience(url.replace(/\/+$/, ''))
    .setIssuedAt(expires - LONGEST_SECONDS)
    .setExpirationTime(expires)
    .sign(key);
}

/** RFC 7518, 3.1; RFC 8037, 3.1. */
function algorithmOf({ asymmetricKeyType: type, asymmetricKeyDetails }: KeyObject): string {
  if (type === 'rsa') return 'RS256';
  if (type === 'ed25519') return 'EdDSA';
  const curves: Readonly<Record<string, string>> = { prime256v1: 'ES256', secp384r1: 'ES384', secp521r1: 'ES512' };
  const algorithm = curves[asymmetricKeyDetails?.namedCurve ?? ''];
  if (algorithm === undefined) throw new Error(`no token can be signed with a key of type ${type}`);
  return algorithm;
}
