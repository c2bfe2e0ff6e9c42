import { serviceAccountUsername } from '../../kube/service-account.ts';
import { type User, userNamed } from '../../kube/user.ts';
import { objectName } from '../../kube/validation/names.ts';
import type { FunctionDeclaration, Library, Range } from '../library.ts';
import { exactly, LIST_CREATION, plus, STRING_TRAVERSAL, STRUCT_CREATION, scaled } from '../range.ts';
import { sizeOf } from '../size.ts';
import { BOOL, STRING, structType, type Type } from '../type.ts';
import { Failure, noSuchOverload, OpaqueValue, type Result, type Value } from '../value.ts';
import { CONSTANT } from './costs.ts';

/** What an expression asks an authorizer. */
export interface AccessQuestion {
  readonly user: User;
  readonly verb: string;
  /** Either what is not a resource, or one. */
  readonly of: { readonly path: string } | AccessedResource;
}

export interface AccessedResource {
  readonly group: string;
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  /** As they were given; one that cannot be parsed narrows nothing down. */
  readonly fieldSelector: string;
  readonly labelSelector: string;
}

export interface AccessDecision {
  readonly allowed: boolean;
  readonly reason: string;
  /** What kept the authorizer from finding out. */
  readonly error?: string;
}

export type Authorize = (question: AccessQuestion) => AccessDecision;

const typeNamed = (name: string): Type => structType(`kubernetes.authorization.${name}`, undefined, 'constant');

export const AUTHORIZER = typeNamed('Authorizer');
export const RESOURCE_CHECK = typeNamed('ResourceCheck');
const PATH_CHECK = typeNamed('PathCheck');
const GROUP_CHECK = typeNamed('GroupCheck');
const DECISION = typeNamed('Decision');

/** They are called, not compared. */
abstract class Callable extends OpaqueValue {
  override equals(_: Value): Failure {
    return noSuchOverload();
  }
}

/** The variable `authorizer`: what a user may do. */
export class AuthorizerValue extends Callable {
  readonly type = AUTHORIZER;
  readonly user: User;
  readonly authorize: Authorize;

  constructor(user: User, authorize: Authorize) {
    super();
    this.user = user;
    this.authorize = authorize;
  }
}

class PathCheck extends Callable {
  readonly type = PATH_CHECK;
  readonly authorizer: AuthorizerValue;
  readonly path: string;

  constructor(authorizer: AuthorizerValue, path: string) {
    super();
    this.authorizer = authorizer;
    this.path = path;
  }
}

class GroupCheck extends Callable {
  readonly type = GROUP_CHECK;
  readonly authorizer: AuthorizerValue;
  readonly group: string;

  constructor(authorizer: AuthorizerValue, group: string) {
    super();
    this.authorizer = authorizer;
    this.group = group;
  }
}

/** `authorizer.group('apps').resource('deployments')`, and the variable `authorizer.requestResource`. */
export class ResourceCheck extends Callable {
  readonly type = RESOURCE_CHECK;
  readonly authorizer: AuthorizerValue;
  readonly resource: AccessedResource;

  constructor(authorizer: AuthorizerValue, resource: Pick<AccessedResource, 'group' | 'resource'> & Partial<AccessedResource>) {
    super();
    this.authorizer = authorizer;
    this.resource = { subresource: '', namespace: '', name: '', fieldSelector: '', labelSelector: '', ...resource };
  }
}

class Decision extends Callable {
  readonly type = DECISION;
  readonly decision: AccessDecision;

  constructor(decision: AccessDecision) {
    super();
    this.decision = decision;
  }
}

/** Two checks are all that an expression can afford. */
const CHECK_COST = 350_000;

/** `authorizer.path('/healthz').check('get').allowed()` (k8s.io/apiserver/pkg/cel/library/authz.go, with the selectors of 1.31). */
export const authorizerLibrary: Library = {
  name: 'kubernetes.authz',
  functions: [
    builder('path', 'authorizer_path', AUTHORIZER, PATH_CHECK, (authorizer: AuthorizerValue, path) =>
      path.trim() === '' ? new Failure('path must not be empty') : new PathCheck(authorizer, path),
    ),
    builder('group', 'authorizer_group', AUTHORIZER, GROUP_CHECK, (authorizer: AuthorizerValue, group) => new GroupCheck(authorizer, group)),
    {
      name: 'serviceAccount',
      overloads: [{ id: 'authorizer_serviceaccount', member: true, parameters: [AUTHORIZER, STRING, STRING], result: AUTHORIZER, call: serviceAccount }],
      cost: CONSTANT,
    },
    builder('resource', 'groupcheck_resource', GROUP_CHECK, RESOURCE_CHECK, ({ authorizer, group }: GroupCheck, resource) =>
      resource.trim() === '' ? new Failure('resource must not be empty') : new ResourceCheck(authorizer, { group, resource }),
    ),
    narrowing('subresource'),
    narrowing('namespace'),
    narrowing('name'),
    selecting('fieldSelector'),
    selecting('labelSelector'),
    {
      name: 'check',
      overloads: [
        { id: 'pathcheck_check', member: true, parameters: [PATH_CHECK, STRING], result: DECISION, call: checkPath },
        { id: 'resourcecheck_check', member: true, parameters: [RESOURCE_CHECK, STRING], result: DECISION, call: checkResource },
      ],
      cost: { actual: () => CHECK_COST, estimate: () => ({ cost: exactly(CHECK_COST) }) },
    },
    accessor('errored', BOOL, ({ error }) => error !== undefined),
    accessor('error', STRING, ({ error }) => error ?? ''),
    accessor('allowed', BOOL, ({ allowed }) => allowed),
    accessor('reason', STRING, ({ reason }) => reason),
  ],
};

function builder<T extends Callable>(name: string, id: string, of: Type, result: Type, call: (receiver: T, argument: string) => Result): FunctionDeclaration {
  return { name, overloads: [{ id, member: true, parameters: [of, STRING], result, call }], cost: CONSTANT };
}

function narrowed(field: keyof AccessedResource): (check: ResourceCheck, value: string) => ResourceCheck {
  return ({ authorizer, resource }, value) => new ResourceCheck(authorizer, { ...resource, [field]: value });
}

function narrowing(field: 'subresource' | 'namespace' | 'name'): FunctionDeclaration {
  return builder(field, `resourcecheck_${field}`, RESOURCE_CHECK, RESOURCE_CHECK, narrowed(field));
}

/** A selector is parsed: a list of requirements, each a struct with a list of its own, and no shorter than two characters. */
function selecting(field: 'fieldSelector' | 'labelSelector'): FunctionDeclaration {
  const cost = (length: Range): Range =>
    plus(plus(exactly(LIST_CREATION), scaled(length, STRING_TRAVERSAL)), scaled(scaled(length, 0.5), LIST_CREATION + STRUCT_CREATION));
  return {
    ...builder(field, `authorizer_${field.toLowerCase()}`, RESOURCE_CHECK, RESOURCE_CHECK, narrowed(field)),
    cost: {
      actual: ({ args: [, selector] }) => Number(cost(exactly(sizeOf(selector!))).max),
      estimate: ({ args: [selector] }) => ({ cost: cost(selector!.size) }),
    },
  };
}

function accessor(name: string, result: Type, call: (decision: AccessDecision) => Result): FunctionDeclaration {
  return {
    name,
    overloads: [{ id: `decision_${name}`, member: true, parameters: [DECISION], result, call: ({ decision }: Decision) => call(decision) }],
    cost: CONSTANT,
  };
}

function serviceAccount({ authorize }: AuthorizerValue, namespace: string, name: string): AuthorizerValue | Failure {
  if (objectName(name, 'subdomain').length) return new Failure('Invalid service account name');
  if (objectName(namespace, 'label').length) return new Failure('Invalid service account namespace');
  return new AuthorizerValue(userNamed(serviceAccountUsername({ namespace, name })), authorize);
}

function checkPath({ authorizer: { user, authorize }, path }: PathCheck, verb: string): Decision {
  return new Decision(authorize({ user, verb, of: { path } }));
}

function checkResource({ authorizer: { user, authorize }, resource }: ResourceCheck, verb: string): Decision {
  return new Decision(authorize({ user, verb, of: resource }));
}
