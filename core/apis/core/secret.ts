import type { FieldError } from '../../kube/status.ts';
import { immutable, invalidValue, invalidValues, required, tooLong } from '../../kube/validation/field.ts';
import { configKey } from '../../kube/validation/names.ts';
import type { Secret } from '../../schema/generated/kinds.ts';
import { ageColumn, ageOf, column, nameColumn } from '../columns.ts';
import type { Strategy } from '../strategy.ts';
import { MAX_DATA, validateImmutable } from './configmap.ts';

/** Secrets (pkg/registry/core/secret). */
export const strategy: Strategy<Secret> = {
  defaults(secret) {
    secret.type ||= 'Opaque';
    // `stringData` is for writing only: it becomes data, and wins over it.
    const texts = Object.entries(secret.stringData ?? {});
    if (texts.length) secret.data = { ...secret.data, ...Object.fromEntries(texts.map(([key, text]) => [key, Buffer.from(text).toString('base64')])) };
    delete secret.stringData;
  },

  validate(secret) {
    const entries = Object.entries(secret.data ?? {});
    const size = entries.reduce((sum, [, value]) => sum + Buffer.byteLength(value, 'base64'), 0);
    return [
      ...entries.flatMap(([key]) => invalidValues(`data[${key}]`, key, configKey(key))),
      ...(size > MAX_DATA ? [tooLong('data', MAX_DATA)] : []),
      ...(typeRules.get(secret.type!)?.(secret) ?? []),
    ];
  },

  updateRules: 'first',
  validateUpdate: (secret, previous) => [...immutable('type', secret.type, previous.type), ...validateImmutable(secret, previous, ['data'])],

  selectableFields: { type: ({ type }) => type ?? '' },

  table: {
    columns: [
      nameColumn,
      column(
        'Type',
        'string',
        'Used to facilitate programmatic handling of secret data. More info: https://kubernetes.io/docs/concepts/configuration/secret/#secret-types',
      ),
      column(
        'Data',
        'string',
        "Data contains the secret data. Each key must consist of alphanumeric characters, '-', '_' or '.'. The serialized form of the secret data is a base64 encoded string, representing the arbitrary (possibly non-string) data value here. Described in https://tools.ietf.org/html/rfc4648#section-4",
      ),
      ageColumn,
    ],
    cells: (secret, now) => [secret.metadata.name, secret.type ?? '', Object.keys(secret.data ?? {}).length, ageOf(secret, now)],
  },
};

const needs = (secret: Secret, keys: readonly string[]): FieldError[] =>
  keys.flatMap((key) => (secret.data?.[key] === undefined ? [required(`data[${key}]`)] : []));

const needsJson =
  (key: string) =>
  (secret: Secret): FieldError[] => {
    const missing = needs(secret, [key]);
    if (missing.length) return missing;
    try {
      JSON.parse(Buffer.from(secret.data![key]!, 'base64').toString());
      return [];
    } catch (error) {
      return [invalidValue(`data[${key}]`, '<secret contents redacted>', goJsonError(error))];
    }
  };

// Kubernetes passes on what Go's encoding/json says; an empty text is by far the commonest.
const goJsonError = (error: unknown): string =>
  /end of (JSON|input)/i.test(String(error)) ? 'unexpected end of JSON input' : 'invalid character in JSON input';

/** What a type of Secret must hold. */
const typeRules = new Map<string, (secret: Secret) => FieldError[]>(
  Object.entries({
    'kubernetes.io/service-account-token': ({ metadata }) =>
      metadata.annotations?.['kubernetes.io/service-account.name'] ? [] : [required('metadata.annotations[kubernetes.io/service-account.name]')],
    'kubernetes.io/dockercfg': needsJson('.dockercfg'),
    'kubernetes.io/dockerconfigjson': needsJson('.dockerconfigjson'),
    'kubernetes.io/basic-auth': (secret) =>
      secret.data?.['username'] !== undefined || secret.data?.['password'] !== undefined ? [] : needs(secret, ['username', 'password']),
    'kubernetes.io/ssh-auth': (secret) => (secret.data?.['ssh-privatekey'] ? [] : [required('data[ssh-privatekey]')]),
    'kubernetes.io/tls': (secret) => needs(secret, ['tls.crt', 'tls.key']),
  }),
);
