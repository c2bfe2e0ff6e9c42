import { X509Certificate } from 'node:crypto';
import { parseUrl } from '../../cel/libraries/net-url.ts';
import { Failure } from '../../cel/value.ts';
import { validateDomainPath } from '../../kube/domain-path.ts';
import type { FieldError } from '../../kube/status.ts';
import { duplicate, forbiddenField, invalidValue, required, tooMany } from '../../kube/validation/field.ts';
import type {
  AuthenticationConfiguration,
  ClaimMappings,
  ClaimValidationRule,
  IssuerConfiguration,
  JwtAuthenticatorConfiguration,
  PrefixedClaimOrExpression,
} from './authentication-configuration.ts';
import { ClaimExpression } from './claim-expression.ts';

/** One issuer's users: the configuration, and its expressions, compiled. */
export interface JwtUsers {
  readonly configuration: JwtAuthenticatorConfiguration;
  readonly username?: ClaimExpression;
  readonly groups?: ClaimExpression;
  readonly uid?: ClaimExpression;
  readonly extra: readonly { readonly key: string; readonly value: ClaimExpression }[];
  readonly claimRules: readonly Rule[];
  readonly userRules: readonly Rule[];
}

export interface Rule {
  readonly expression: ClaimExpression;
  readonly message: string;
}

/**
 * What is configured, ready for use, and all that is wrong with it, in the words of kube-apiserver (k8s.io/apiserver/pkg/apis/apiserver/validation). `ownIssuers`: those of
 * the server's own tokens, which nobody else may issue.
 */
export function validateConfiguration(
  { jwt = [], anonymous }: AuthenticationConfiguration,
  { ownIssuers }: { ownIssuers: readonly string[] },
): { users: JwtUsers[]; errors: FieldError[] } {
  if (jwt.length > MOST) return { users: [], errors: [tooMany('jwt', jwt.length, MOST)] };
  const errors: FieldError[] = [];
  const issuers = new Set<string>();
  const discoveries = new Set<string>();
  const users = jwt.map((configuration, i) => {
    const validated = validateAuthenticator(configuration, `jwt[${i}]`, ownIssuers);
    errors.push(...validated.errors);
    const { url = '', discoveryURL } = configuration.issuer ?? {};
    if (issuers.has(url)) errors.push(duplicate(`jwt[${i}].issuer.url`, url));
    issuers.add(url);
    if (discoveryURL) {
      if (discoveries.has(discoveryURL)) errors.push(duplicate(`jwt[${i}].issuer.discoveryURL`, discoveryURL));
      discoveries.add(discoveryURL);
    }
    return validated.users;
  });
  // Who asks without a token is no setting here.
  if (anonymous) errors.push(forbiddenField('anonymous', 'clients without a token may ask for health and version alone'));
  return { users, errors };
}

const MOST = 64;

function validateAuthenticator(
  configuration: JwtAuthenticatorConfiguration,
  path: string,
  ownIssuers: readonly string[],
): { users: JwtUsers; errors: FieldError[] } {
  const { issuer = {}, claimValidationRules = [], claimMappings = {}, userValidationRules = [] } = configuration;
  const errors = validateIssuer(issuer, `${path}.issuer`, ownIssuers);
  const note = (compiled: ClaimExpression | FieldError): ClaimExpression | undefined => {
    if (compiled instanceof ClaimExpression) return compiled;
    errors.push(compiled);
    return undefined;
  };
  const claimRules = validateClaimRules(claimValidationRules, `${path}.claimValidationRules`, errors, note);
  const mapped = validateMappings(claimMappings, `${path}.claimMappings`, errors, note);
  errors.push(...emailErrors(mapped, claimRules, `${path}.claimMappings.username.expression`));
  const userRules = validateUserRules(userValidationRules, `${path}.userValidationRules`, errors, note);
  return { users: { configuration, ...mapped, claimRules, userRules }, errors };
}

type Note = (compiled: ClaimExpression | FieldError) => ClaimExpression | undefined;

function validateIssuer({ url = '', discoveryURL = '', ...issuer }: IssuerConfiguration, path: string, ownIssuers: readonly string[]): FieldError[] {
  const { audiences = [], audienceMatchPolicy = '', certificateAuthority = '', egressSelectorType } = issuer;
  const errors = url === '' ? [required(`${path}.url`)] : urlErrors(url, `${path}.url`, ownIssuers);
  if (discoveryURL !== '') {
    const bare = (text: string) => text.replace(/\/+$/, '');
    if (url !== '' && bare(url) === bare(discoveryURL))
      errors.push(invalidValue(`${path}.discoveryURL`, discoveryURL, 'discoveryURL must be different from URL'));
    errors.push(...urlErrors(discoveryURL, `${path}.discoveryURL`, []));
  }
  errors.push(...audienceErrors(audiences, audienceMatchPolicy, path), ...authorityErrors(certificateAuthority, `${path}.certificateAuthority`));
  // There is no network but one.
  if (egressSelectorType) errors.push(forbiddenField(`${path}.egressSelectorType`, 'this server has no egress selector configuration'));
  return errors;
}

function urlErrors(text: string, path: string, disallowed: readonly string[]): FieldError[] {
  const errors: FieldError[] = [];
  if (disallowed.includes(text)) errors.push(invalidValue(path, text, `URL must not overlap with disallowed issuers: [${[...disallowed].sort().join(' ')}]`));
  const url = parseUrl(text);
  if (url instanceof Failure) return [...errors, invalidValue(path, text, url.message)];
  if (url.scheme !== 'https') errors.push(invalidValue(path, text, 'URL scheme must be https'));
  if (url.user) errors.push(invalidValue(path, text, 'URL must not contain a username or password'));
  if (url.query) errors.push(invalidValue(path, text, 'URL must not contain a query'));
  if (url.fragment.decoded) errors.push(invalidValue(path, text, 'URL must not contain a fragment'));
  return errors;
}

function audienceErrors(audiences: readonly string[], policy: string, issuer: string): FieldError[] {
  const path = `${issuer}.audiences`;
  if (audiences.length === 0) return [required(path, `at least one ${path} is required`)];
  const errors: FieldError[] = [];
  const seen = new Set<string>();
  for (const [i, audience] of audiences.entries()) {
    if (audience === '') errors.push(required(`${path}[${i}]`));
    if (seen.has(audience)) errors.push(duplicate(`${path}[${i}]`, audience));
    seen.add(audience);
  }
  const isAny = policy === 'MatchAny';
  const at = `${issuer}.audienceMatchPolicy`;
  if (audiences.length > 1 && !isAny) errors.push(invalidValue(at, policy, 'audienceMatchPolicy must be MatchAny for multiple audiences'));
  if (audiences.length === 1 && policy !== '' && !isAny) {
    errors.push(invalidValue(at, policy, 'audienceMatchPolicy must be empty or MatchAny for single audience'));
  }
  return errors;
}

function authorityErrors(pem: string, path: string): FieldError[] {
  if (pem === '') return [];
  const certificates = pem.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
  const problem = (why: string) => [invalidValue(path, '<omitted>', why)];
  if (certificates.length === 0) return problem('data does not contain any valid RSA or ECDSA certificates');
  try {
    for (const certificate of certificates) new X509Certificate(certificate);
    return [];
  } catch {
    return problem('x509: malformed certificate');
  }
}

function validateClaimRules(rules: readonly ClaimValidationRule[], path: string, errors: FieldError[], note: Note): Rule[] {
  const claims = new Set<string>();
  const expressions = new Set<string>();
  return rules.flatMap(({ claim = '', requiredValue = '', expression = '', message = '' }, i) => {
    const at = `${path}[${i}]`;
    if (claim !== '' && expression !== '') errors.push(invalidValue(at, claim, "claim and expression can't both be set"));
    else if (claim !== '') {
      if (message !== '') errors.push(invalidValue(`${at}.message`, message, 'may not be specified when claim is set'));
      if (claims.has(claim)) errors.push(duplicate(`${at}.claim`, claim));
      claims.add(claim);
    } else if (expression === '') errors.push(required(at, 'claim or expression is required'));
    else {
      if (requiredValue !== '') errors.push(invalidValue(`${at}.requiredValue`, requiredValue, 'may not be specified when expression is set'));
      if (expressions.has(expression)) {
        errors.push(duplicate(`${at}.expression`, expression));
        return [];
      }
      expressions.add(expression);
      const compiled = note(ClaimExpression.compiled(expression, { variable: 'claims', rule: true, field: `${at}.expression` }));
      return compiled ? [{ expression: compiled, message }] : [];
    }
    return [];
  });
}

type Mapped = Pick<JwtUsers, 'username' | 'groups' | 'uid' | 'extra'>;

function validateMappings({ username = {}, groups = {}, uid = {}, extra = [] }: ClaimMappings, path: string, errors: FieldError[], note: Note): Mapped {
  const mapping = (text: string, field: string) => note(ClaimExpression.compiled(text, { variable: 'claims', rule: false, field }));
  const ofPrefixed = ({ claim = '', prefix, expression = '' }: PrefixedClaimOrExpression, at: string, needed: boolean) => {
    if (expression !== '' && claim !== '') errors.push(invalidValue(at, '', "claim and expression can't both be set"));
    else if (expression !== '') {
      if (prefix !== undefined) errors.push(invalidValue(`${at}.prefix`, prefix, 'may not be specified when expression is set'));
      return mapping(expression, `${at}.expression`);
    } else if (claim !== '') {
      if (prefix === undefined) {
        errors.push(required(`${at}.prefix`, 'prefix is required when claim is set. It can be set to an empty string to disable prefixing'));
      }
    } else if (needed) errors.push(required(at, 'claim or expression is required'));
    return undefined;
  };
  const ofUid = () => {
    if (uid.claim && uid.expression) errors.push(invalidValue(`${path}.uid`, '', "claim and expression can't both be set"));
    else if (uid.expression) return mapping(uid.expression, `${path}.uid.expression`);
    return undefined;
  };
  const compiled = { username: ofPrefixed(username, `${path}.username`, true), groups: ofPrefixed(groups, `${path}.groups`, false), uid: ofUid() };
  return {
    ...(compiled.username && { username: compiled.username }),
    ...(compiled.groups && { groups: compiled.groups }),
    ...(compiled.uid && { uid: compiled.uid }),
    extra: validateExtra(extra, `${path}.extra`, errors, mapping),
  };
}

function validateExtra(
  mappings: NonNullable<ClaimMappings['extra']>,
  path: string,
  errors: FieldError[],
  mapping: (text: string, field: string) => ClaimExpression | undefined,
): Mapped['extra'] {
  const keys = new Set<string>();
  return mappings.flatMap(({ key = '', valueExpression = '' }, i) => {
    const at = `${path}[${i}]`;
    errors.push(...validateDomainPath(`${at}.key`, key));
    if (key !== key.toLowerCase()) errors.push(invalidValue(`${at}.key`, key, 'must be lowercase'));
    const [domain] = key.includes('/') ? key.split('/', 1) : [''];
    if (['kubernetes.io', 'k8s.io'].some((reserved) => domain === reserved || domain!.endsWith(`.${reserved}`))) {
      errors.push(invalidValue(`${at}.key`, key, 'k8s.io, kubernetes.io and their subdomains are reserved for Kubernetes use'));
    }
    if (keys.has(key)) {
      errors.push(duplicate(`${at}.key`, key));
      return [];
    }
    keys.add(key);
    if (valueExpression === '') {
      errors.push(required(`${at}.valueExpression`));
      return [];
    }
    const value = mapping(valueExpression, `${at}.valueExpression`);
    return value ? [{ key, value }] : [];
  });
}

/** Whoever takes an address for a name has to look whether it was verified. */
function emailErrors({ username, extra }: Mapped, claimRules: readonly Rule[], path: string): FieldError[] {
  if (!username?.uses('email')) return [];
  const looking = [username, ...extra.map(({ value }) => value), ...claimRules.map(({ expression }) => expression)];
  if (looking.some((expression) => expression.uses('email_verified'))) return [];
  return [
    invalidValue(
      path,
      username.text,
      'claims.email_verified must be used in claimMappings.username.expression or claimMappings.extra[*].valueExpression or claimValidationRules[*].expression when claims.email is used in claimMappings.username.expression',
    ),
  ];
}

function validateUserRules(rules: NonNullable<JwtAuthenticatorConfiguration['userValidationRules']>, path: string, errors: FieldError[], note: Note): Rule[] {
  const seen = new Set<string>();
  return rules.flatMap(({ expression = '', message = '' }, i) => {
    const field = `${path}[${i}].expression`;
    if (expression === '') errors.push(required(field));
    else if (seen.has(expression)) errors.push(duplicate(field, expression));
    else {
      seen.add(expression);
      const compiled = note(ClaimExpression.compiled(expression, { variable: 'user', rule: true, field }));
      return compiled ? [{ expression: compiled, message }] : [];
    }
    return [];
  });
}
