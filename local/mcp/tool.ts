import { z } from 'zod';
import type { Reach } from './reach.ts';

/** What an agent may call. One stands in a file of `tools/`, all of them in `registry.ts`. */
export interface Tool<I extends z.ZodObject = z.ZodObject> {
  readonly name: string;
  /** For people, as menus show it. */
  readonly title: string;
  /** For the agent: when to take it, and what it answers. */
  readonly description: string;
  readonly input: I;
  readonly output: z.ZodObject;
  /** What it may do to a cluster: nothing, add to it, or also change and remove what is there. */
  readonly effect: 'none' | 'adds' | 'changes';
  /** Whether a second call of the same input changes nothing more. */
  readonly isIdempotent: boolean;
  /** Throws what a cluster refuses, and `NotAllowed`. */
  readonly run: (input: z.output<I>, reach: Reach) => Promise<Answer>;
}

export interface Answer {
  /** What it comes to, for a reader of text alone. */
  readonly text: string;
  readonly structured: Readonly<Record<string, unknown>>;
}

export const tool = <I extends z.ZodObject>(definition: Tool<I>): Tool => definition as unknown as Tool;

/** A cluster of the host, as inputs name it. */
export const CLUSTER = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(@[^/@\s]{1,253})?$/;

export const cluster = z
  .string()
  .regex(CLUSTER, 'NAME or NAME@AT is needed, such as default, default@120 or default@2026-11-27T10:00:00Z')
  .optional()
  .describe(
    'Which cluster of the host: NAME, or NAME@AT for how it was at an offset (resourceVersion), an RFC 3339 time or a bookmark. That of the kubeconfig, unless told.',
  );

const name = z.string().min(1).max(253);

export const namespace = name.optional().describe("In which namespace. That of the kubeconfig's context, or default, unless told.");
export const namespaceOrAll = name.optional().describe('In which namespace alone. All of them, unless told.');

export const object = z
  .string()
  .regex(/^[^/\s]+\/[^/\s]+$/, 'KIND/NAME is needed, such as pod/web-0 or deployment.apps/web')
  .describe('KIND/NAME, the kind as kubectl takes it: pod/web-0, deploy/web, deployment.apps/web.');

export const moment = z
  .union([z.int().positive(), z.string().min(1).max(253)])
  .describe('An offset (resourceVersion), an RFC 3339 time such as 2026-11-27T10:00:00Z, or the name of a bookmark.');

/** Kubernetes takes at most 3 MiB in a request. */
const MOST_MANIFESTS = 3 * 1024 * 1024;

export const manifests = z
  .string()
  .min(1)
  .max(MOST_MANIFESTS)
  .describe('Kubernetes objects as YAML (documents with --- between them) or JSON. Each names its metadata.name.');

export const dryRun = z.boolean().default(false).describe('Tell what it would do, and write nothing. Always allowed.');

export const force = (what: string) => z.boolean().default(false).describe(what);
