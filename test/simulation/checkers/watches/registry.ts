import type { Checker } from '../checker.ts';
import { atomic } from './atomic.ts';
import { beginning } from './beginning.ts';
import { bookmarkable } from './bookmarkable.ts';
import { complete } from './complete.ts';
import { created } from './created.ts';
import { filtered } from './filtered.ts';
import { ordered } from './ordered.ts';
import { previous } from './previous.ts';
import { reliable } from './reliable.ts';
import { resumable } from './resumable.ts';
import { unique } from './unique.ts';

/**
 * What etcd promises of watches (etcd API guarantees, "Watch APIs") and its robustness tests hold it to (tests/robustness/validate/watch.go): Filter, Ordered,
 * Unique, Atomic, Bookmarkable, Resumable, Reliable, PrevKV, IsCreate. kube-apiserver passes these on to its clients; each file says what
 * becomes of one here, where a revision is an offset. The last two are of Kubernetes' own: informers list first, and come to the end in time.
 */
export const watches: readonly Checker[] = [filtered, ordered, unique, atomic, bookmarkable, resumable, reliable, previous, created, beginning, complete];
