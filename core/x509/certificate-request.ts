import { BOOLEAN, contextTag, DerReader, OCTET_STRING, SEQUENCE, SET, syntaxError } from './der.ts';
import { type DistinguishedName, nameIn } from './distinguished-name.ts';
import { pemBlocks } from './pem.ts';
import { signatureProblem } from './signature.ts';
import { alternativeNamesIn, NO_NAMES, type SubjectAlternativeNames } from './subject-alternative-names.ts';

/** What a request for a certificate (PKCS #10, RFC 2986) asks for. */
export interface CertificateRequest extends SubjectAlternativeNames {
  readonly subject: DistinguishedName;
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKey: Buffer;
  /** What is wrong with its signature, in Go's words; undefined: who asks has the key. */
  signatureProblem(): string | undefined;
}

/** Reads the `spec.request` of a CertificateSigningRequest (pkg/apis/certificates, ParseCSR). Throws an Error in Go's words. @param encoded PEM in base64 */
export function certificateRequestOf(encoded: string): CertificateRequest {
  const [block] = pemBlocks(Buffer.from(encoded, 'base64').toString('latin1'));
  if (block?.type !== 'CERTIFICATE REQUEST') throw new Error('PEM block type must be CERTIFICATE REQUEST');
  return parse(block.bytes);
}

function parse(der: Buffer): CertificateRequest {
  const outer = new DerReader(der);
  const request = outer.sequence('certificateRequest');
  const info = request.next(SEQUENCE, 'tbsCertificateRequest');
  const { subject, publicKey, attributes } = parseInfo(info.contents);
  const { algorithm, parameters } = algorithmOf(request);
  const signature = request.bitString();
  if (!outer.isAtEnd) throw syntaxError('trailing data');
  const name = nameIn(subject);
  return {
    subject: name,
    publicKey,
    ...requestedNames(attributes),
    signatureProblem: () => signatureProblem({ algorithm, parameters, signed: info.raw, signature, publicKey }),
  };
}

function parseInfo(contents: Buffer): { subject: Buffer; publicKey: Buffer; attributes: Buffer } {
  const info = new DerReader(contents);
  info.integer();
  const subject = info.any().raw;
  const publicKey = info.next(SEQUENCE, 'publicKeyInfo');
  const key = new DerReader(publicKey.contents);
  algorithmOf(key);
  key.bitString();
  return { subject, publicKey: publicKey.raw, attributes: info.next(ATTRIBUTES, '').contents };
}

const ATTRIBUTES = contextTag(0, { isCompound: true });

function algorithmOf(reader: DerReader): { algorithm: string; parameters: Buffer } {
  const identifier = reader.sequence('AlgorithmIdentifier');
  const algorithm = identifier.objectIdentifier();
  return { algorithm, parameters: identifier.isAtEnd ? Buffer.alloc(0) : identifier.any().raw };
}

const EXTENSION_REQUEST = '1.2.840.113549.1.9.14';
const SUBJECT_ALTERNATIVE_NAME = '2.5.29.17';

/** Of the extensions that are asked for (RFC 2985, 5.4.2), those that name the subject. Attributes that do not parse are passed over, as Go does. */
function requestedNames(attributes: Buffer): SubjectAlternativeNames {
  const seen = new Set<string>();
  let names = NO_NAMES;
  for (const extensions of extensionLists(attributes)) {
    for (const { contents: fields } of extensions.elements(SEQUENCE)) {
      const extension = new DerReader(fields);
      const id = extension.objectIdentifier();
      if (seen.has(id)) throw new Error('x509: certificate request contains duplicate requested extensions');
      seen.add(id);
      if (extension.isNext(BOOLEAN)) extension.any();
      const { contents } = extension.next(OCTET_STRING, '');
      if (id === SUBJECT_ALTERNATIVE_NAME) names = alternativeNamesIn(contents);
    }
  }
  return names;
}

function extensionLists(attributes: Buffer): DerReader[] {
  const lists: DerReader[] = [];
  const reader = new DerReader(attributes);
  while (!reader.isAtEnd) {
    const value = extensionRequestIn(reader.any().raw);
    if (value) lists.push(new DerReader(value).sequence('Extension'));
  }
  return lists;
}

function extensionRequestIn(attribute: Buffer): Buffer | undefined {
  try {
    const reader = new DerReader(attribute).sequence('pkcs10Attribute');
    const id = reader.objectIdentifier();
    const values = new DerReader(reader.next(SET, '').contents);
    return id === EXTENSION_REQUEST ? values.any().raw : undefined;
  } catch {
    return undefined;
  }
}
