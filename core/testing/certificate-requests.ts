import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import type { CertificateSigningRequest } from '../schema/generated/kinds.ts';
import { contextTag } from '../x509/der.ts';
import { bitString, element, integer, objectIdentifier, octetString, sequence, set } from '../x509/der-writer.ts';
import { encodeName } from '../x509/distinguished-name.ts';
import { pemOf } from '../x509/pem.ts';
import { encodeAlternativeNames, NO_NAMES, type SubjectAlternativeNames } from '../x509/subject-alternative-names.ts';

export interface Asked extends Partial<SubjectAlternativeNames> {
  readonly commonName?: string;
  readonly organization?: readonly string[];
}

/** A request for a certificate (PKCS #10), as `openssl req -new` makes it, and the key that it is for. */
export function certificateRequest(
  asked: Asked,
  { privateKey, publicKey }: { privateKey: KeyObject; publicKey: KeyObject } = generateKeyPairSync('ec', { namedCurve: 'P-256' }),
): { request: string; privateKey: KeyObject } {
  const names = encodeAlternativeNames({ ...NO_NAMES, ...asked });
  const extensions = names ? [sequence(sequence(objectIdentifier('2.5.29.17'), octetString(names)))] : [];
  const attributes = extensions.map((list) => sequence(objectIdentifier('1.2.840.113549.1.9.14'), set(list)));
  const info = sequence(
    integer(Buffer.of(0)),
    encodeName(asked),
    publicKey.export({ type: 'spki', format: 'der' }),
    element(contextTag(0, { isCompound: true }), ...attributes),
  );
  const signature = sign('sha256', info, privateKey);
  const der = sequence(
    info,
    sequence(objectIdentifier(privateKey.asymmetricKeyType === 'rsa' ? '1.2.840.113549.1.1.11' : '1.2.840.10045.4.3.2')),
    bitString(signature),
  );
  return { request: Buffer.from(pemOf('CERTIFICATE REQUEST', der)).toString('base64'), privateKey };
}

/** A CertificateSigningRequest for the certificate of a client. */
export const signingRequest = (asked: Asked, spec: Partial<CertificateSigningRequest['spec']> = {}, name = 'csr'): CertificateSigningRequest => ({
  apiVersion: 'certificates.k8s.io/v1',
  kind: 'CertificateSigningRequest',
  metadata: { name },
  spec: { request: certificateRequest(asked).request, signerName: 'kubernetes.io/kube-apiserver-client', usages: ['client auth'], ...spec },
});
