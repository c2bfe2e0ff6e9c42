import { parse } from 'yaml';
import { decodeObject, strictError } from '../../schema/decode.ts';
import type { FieldSchema, TypeSchema } from '../../schema/schema.ts';

/** `AuthenticationConfiguration` of apiserver.config.k8s.io/v1: by which issuers' tokens users authenticate (k8s.io/apiserver/pkg/apis/apiserver/v1, types.go). */
export interface AuthenticationConfiguration {
  readonly jwt?: readonly JwtAuthenticatorConfiguration[];
  readonly anonymous?: { readonly enabled?: boolean };
}

export interface JwtAuthenticatorConfiguration {
  readonly issuer?: IssuerConfiguration;
  readonly claimValidationRules?: readonly ClaimValidationRule[];
  readonly claimMappings?: ClaimMappings;
  readonly userValidationRules?: readonly { readonly expression?: string; readonly message?: string }[];
}

export interface IssuerConfiguration {
  readonly url?: string;
  readonly discoveryURL?: string;
  readonly certificateAuthority?: string;
  readonly audiences?: readonly string[];
  readonly audienceMatchPolicy?: string;
  readonly egressSelectorType?: string;
}

export interface ClaimValidationRule {
  readonly claim?: string;
  readonly requiredValue?: string;
  readonly expression?: string;
  readonly message?: string;
}

export interface ClaimMappings {
  readonly username?: PrefixedClaimOrExpression;
  readonly groups?: PrefixedClaimOrExpression;
  readonly uid?: { readonly claim?: string; readonly expression?: string };
  readonly extra?: readonly { readonly key?: string; readonly valueExpression?: string }[];
}

export interface PrefixedClaimOrExpression {
  readonly claim?: string;
  readonly prefix?: string;
  readonly expression?: string;
}

/** The configuration in a file, YAML or JSON, of any of the versions that Kubernetes 1.36 reads. Throws with what is wrong with it. */
export function readAuthenticationConfiguration(text: string): AuthenticationConfiguration {
  if (text.trim() === '') throw new Error('empty config data');
  const value: unknown = parse(text);
  const { apiVersion, kind } = (typeof value === 'object' && value !== null ? value : {}) as { apiVersion?: unknown; kind?: unknown };
  if (typeof kind !== 'string' || kind === '') throw new Error(`Object 'Kind' is missing in '${shown(text)}'`);
  if (typeof apiVersion !== 'string' || apiVersion === '') throw new Error(`Object 'apiVersion' is missing in '${shown(text)}'`);
  const version = VERSIONS.find((one) => apiVersion === `${GROUP}/${one}`);
  if (kind !== KIND || !version) throw new Error(`no kind "${kind}" is registered for version "${apiVersion}"`);
  const gvk = { group: GROUP, version, kind: KIND };
  const { object, unknownFields } = decodeObject({ value, type: configuration, gvk, strict: true });
  if (unknownFields.length > 0) throw strictError(gvk, unknownFields);
  return object as unknown as AuthenticationConfiguration;
}

/** As much of a file as an error shows. */
const shown = (text: string) => text.trim().slice(0, 200);

const GROUP = 'apiserver.config.k8s.io';
const KIND = 'AuthenticationConfiguration';
const VERSIONS = ['v1', 'v1beta1', 'v1alpha1'];

const text: FieldSchema = { type: 'string', presence: 'value' };
const pointer: FieldSchema = { type: 'string', presence: 'pointer' };
const flag: FieldSchema = { type: 'boolean', presence: 'value' };
const struct = (fields: Readonly<Record<string, FieldSchema>>): FieldSchema => ({ struct: { name: '', fields }, presence: 'value' });
const list = (items: FieldSchema): FieldSchema => ({ type: 'array', items, presence: 'value' });

const claimOrExpression = { claim: text, prefix: pointer, expression: text };

const configuration: TypeSchema = {
  name: 'io.k8s.apiserver.config.v1.AuthenticationConfiguration',
  fields: {
    apiVersion: text,
    kind: text,
    jwt: list(
      struct({
        issuer: struct({
          url: text,
          discoveryURL: pointer,
          certificateAuthority: text,
          audiences: list(text),
          audienceMatchPolicy: text,
          egressSelectorType: text,
        }),
        claimValidationRules: list(struct({ claim: text, requiredValue: text, expression: text, message: text })),
        claimMappings: struct({
          username: struct(claimOrExpression),
          groups: struct(claimOrExpression),
          uid: struct({ claim: text, expression: text }),
          extra: list(struct({ key: text, valueExpression: text })),
        }),
        userValidationRules: list(struct({ expression: text, message: text })),
      }),
    ),
    anonymous: struct({ enabled: flag, conditions: list(struct({ path: text })) }),
  },
};
