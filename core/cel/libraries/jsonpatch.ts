import type { Library } from '../library.ts';
import { STRING } from '../type.ts';
import { traversal } from './costs.ts';

/** `jsonpatch.escapeKey('example.com/key')`: a key as a part of a JSON Pointer (RFC 6901; k8s.io/apiserver/pkg/cel/library/jsonpatch.go). */
export const jsonPatchLibrary: Library = {
  name: 'kubernetes.jsonpatch',
  functions: [
    {
      name: 'jsonpatch.escapeKey',
      overloads: [
        {
          id: 'string_jsonpatch_escapeKey_string',
          parameters: [STRING],
          result: STRING,
          call: (key: string) => key.replaceAll('~', '~0').replaceAll('/', '~1'),
        },
      ],
      cost: traversal({ keepsSize: true }),
    },
  ],
};
