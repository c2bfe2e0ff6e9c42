import { isIP } from 'node:net';
import { checkServerIdentity, type PeerCertificate } from 'node:tls';

/** What is wrong with a certificate for a name or an address, as Go says it (crypto/x509, HostnameError); undefined: it is for that. A common name alone is no name any more. */
export function identityError(host: string, certificate: PeerCertificate): Error | undefined {
  const names = alternativeNames(certificate);
  const of = names.filter(({ type }) => type === (isIP(host) ? 'IP Address' : 'DNS')).map(({ value }) => value);
  if (of.length > 0) return checkServerIdentity(host, certificate) && new CertificateError(`certificate is valid for ${of.join(', ')}, not ${host}`);
  if (isIP(host)) return new CertificateError(`cannot validate certificate for ${host} because it doesn't contain any IP SANs`);
  if (names.length === 0 && certificate.subject?.CN) return new CertificateError('certificate relies on legacy Common Name field, use SANs instead');
  return new CertificateError(`certificate is not valid for any names, but wanted to match ${host}`);
}

export class CertificateError extends Error {}

/** As Node lists them: `DNS:a.example, IP Address:127.0.0.1`; a value that could be taken for several is quoted. */
const alternativeNames = ({ subjectaltname = '' }: PeerCertificate): { type: string; value: string }[] =>
  subjectaltname
    .split(', ')
    .map((entry) => /^([^:]*):(.*)$/s.exec(entry))
    .filter((match) => match !== null)
    .map(([, type = '', value = '']) => ({ type, value }));
