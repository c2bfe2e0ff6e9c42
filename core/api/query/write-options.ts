import { badRequest, type FieldError, invalid } from '../../kube/status.ts';
import { forbiddenField, invalidValue, notSupported, required, tooLong } from '../../kube/validation/field.ts';
import { jsonKind } from '../../schema/leaves.ts';
import { isTrue } from '../request/request-info.ts';
import { readInteger } from './list-options.ts';

/** `meta.k8s.io/v1` CreateOptions, UpdateOptions and PatchOptions. */
export interface WriteOptions {
  readonly dryRun: boolean;
  /** Of an apply: takes over what belongs to other managers. */
  readonly force: boolean;
  readonly fieldValidation: 'Ignore' | 'Warn' | 'Strict';
}

/** How long the name of a field manager may be, in bytes. */
export const FIELD_MANAGER_LIMIT = 128;

/** Reads the query of a write (apimachinery/pkg/apis/meta/v1/validation). Throws 422. */
export function readWriteOptions(
  query: URLSearchParams,
  kind: 'CreateOptions' | 'UpdateOptions' | 'PatchOptions',
  { isApply = false }: { readonly isApply?: boolean } = {},
): WriteOptions {
  const dryRun = query.getAll('dryRun').filter((value) => value !== '');
  const fieldValidation = query.get('fieldValidation') || 'Warn';
  const fieldManager = query.get('fieldManager') ?? '';
  const force = kind === 'PatchOptions' && query.has('force');
  const errors: FieldError[] = [];
  if (isApply && fieldManager === '') errors.push(required('fieldManager', 'is required for apply patch'));
  if (!isApply && force) errors.push(forbiddenField('force', 'may not be specified for non-apply patch'));
  errors.push(...dryRunErrors(dryRun));
  if (Buffer.byteLength(fieldManager) > FIELD_MANAGER_LIMIT) errors.push(tooLong('fieldManager', FIELD_MANAGER_LIMIT));
  errors.push(...unprintable(fieldManager).map((what) => invalidValue('fieldManager', fieldManager, `invalid character ${what}`)));
  if (!isFieldValidation(fieldValidation)) errors.push(notSupported('fieldValidation', fieldValidation, ['', 'Ignore', 'Strict', 'Warn']));
  refuse(kind, errors);
  return { dryRun: dryRun.length > 0, force: force && isTrue(query.get('force')), fieldValidation: fieldValidation as WriteOptions['fieldValidation'] };
}

/** The options of a write as plugins, policies and webhooks are shown them. */
export function optionsForPlugins(query: URLSearchParams, { dryRun }: Pick<WriteOptions, 'dryRun'>): Readonly<Record<string, unknown>> {
  const fieldManager = query.get('fieldManager');
  const fieldValidation = query.get('fieldValidation');
  return { ...(dryRun && { dryRun: ['All'] }), ...(fieldManager && { fieldManager }), ...(fieldValidation && { fieldValidation }) };
}

/** `U+0007 (at position 1)`: each character that is not printable (unicode.IsPrint), at its byte. */
function unprintable(text: string): string[] {
  return [...text.matchAll(/[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu)].map(({ 0: char, index }) => {
    const code = char.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0');
    return `U+${code} (at position ${Buffer.byteLength(text.slice(0, index))})`;
  });
}

const isFieldValidation = (text: string) => text === 'Ignore' || text === 'Warn' || text === 'Strict';

/** `meta.k8s.io/v1 DeleteOptions`. */
export interface DeleteOptions {
  readonly dryRun: boolean;
  readonly gracePeriodSeconds?: number;
  readonly propagationPolicy?: 'Background' | 'Foreground' | 'Orphan';
  /** The client said `orphanDependents: false`, the old way to ask for background deletion. */
  readonly orphanDependents?: boolean;
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
}

/**
 * Reads how to delete: from the body when there is one, else from the query.
 * Throws 400 for what is no DeleteOptions, 422 for what does not go together.
 */
export function readDeleteOptions(body: Record<string, unknown> | undefined, query: URLSearchParams): DeleteOptions {
  const given = body ?? fromQuery(query);
  checkKind(given);
  const { gracePeriodSeconds, propagationPolicy, orphanDependents, preconditions } = given;
  const dryRun = list(given['dryRun']);
  if (gracePeriodSeconds !== undefined && gracePeriodSeconds !== null && !isInt64(gracePeriodSeconds))
    throw unreadable(gracePeriodSeconds, 'gracePeriodSeconds', 'int64');
  if (orphanDependents !== undefined && orphanDependents !== null && typeof orphanDependents !== 'boolean')
    throw unreadable(orphanDependents, 'orphanDependents', 'bool');
  const errors = dryRunErrors(dryRun);
  if (propagationPolicy && orphanDependents !== undefined && orphanDependents !== null) {
    errors.push(invalidValue('propagationPolicy', propagationPolicy, 'orphanDependents and deletionPropagation cannot be both set'));
  }
  if (propagationPolicy && !isPolicy(propagationPolicy)) {
    errors.push(notSupported('propagationPolicy', propagationPolicy, ['Foreground', 'Background', 'Orphan', 'nil']));
  }
  refuse('DeleteOptions', errors);
  const { uid, resourceVersion } = preconditionsOf(preconditions);
  const policy = propagationPolicy
    ? (propagationPolicy as DeleteOptions['propagationPolicy'])
    : orphanDependents === true
      ? 'Orphan'
      : orphanDependents === false
        ? 'Background'
        : undefined;
  return {
    dryRun: dryRun.length > 0,
    ...(typeof gracePeriodSeconds === 'number' && { gracePeriodSeconds }),
    ...(policy && { propagationPolicy: policy }),
    ...(typeof orphanDependents === 'boolean' && { orphanDependents }),
    ...((uid || resourceVersion) && {
      preconditions: { ...(uid && { uid }), ...(resourceVersion && { resourceVersion }) },
    }),
  };
}

function preconditionsOf(given: unknown): { readonly uid?: string; readonly resourceVersion?: string } {
  if (given === undefined || given === null) return {};
  if (typeof given !== 'object' || Array.isArray(given)) throw unreadable(given, 'preconditions', 'v1.Preconditions');
  const { uid, resourceVersion } = given as Record<string, unknown>;
  if (!isTextOrNone(uid)) throw unreadable(uid, 'preconditions.uid', 'types.UID');
  if (!isTextOrNone(resourceVersion)) throw unreadable(resourceVersion, 'preconditions.resourceVersion', 'string');
  return { ...(uid && { uid }), ...(resourceVersion && { resourceVersion }) };
}

const isTextOrNone = (value: unknown): value is string | undefined | null => value === undefined || value === null || typeof value === 'string';

/** Any version of DeleteOptions will do. */
function checkKind({ kind = 'DeleteOptions', apiVersion }: Record<string, unknown>): void {
  if (kind !== 'DeleteOptions')
    throw badRequest(`no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion)} in scheme "pkg/api/legacyscheme/scheme.go:30"`);
}

const isInt64 = (value: unknown) => typeof value === 'number' && Number.isInteger(value) && Math.abs(value) <= 2 ** 63;

const isPolicy = (value: unknown) => value === 'Foreground' || value === 'Background' || value === 'Orphan';

function fromQuery(query: URLSearchParams): Record<string, unknown> {
  const grace = readInteger(query, 'gracePeriodSeconds');
  return {
    dryRun: query.getAll('dryRun').filter((value) => value !== ''),
    ...(grace !== undefined && { gracePeriodSeconds: grace }),
    ...(query.get('propagationPolicy') && { propagationPolicy: query.get('propagationPolicy') }),
    ...(query.has('orphanDependents') && { orphanDependents: isTrue(query.get('orphanDependents')) }),
  };
}

const unreadable = (value: unknown, field: string, type: string) =>
  badRequest(`json: cannot unmarshal ${jsonKind(value)} into Go struct field DeleteOptions.${field} of type ${type}`);

const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : value === undefined || value === null ? [] : [value]);

function dryRunErrors(dryRun: readonly unknown[]): FieldError[] {
  return dryRun.every((value) => value === 'All') ? [] : [notSupported('dryRun', dryRun, ['All'])];
}

function refuse(kind: string, errors: readonly FieldError[]): void {
  if (errors.length > 0) throw invalid({ group: 'meta.k8s.io', kind }, '', errors);
}
