import { describe, expect, it } from 'vitest';
import { imageName, parseImage } from './image.ts';

describe('an image name', () => {
  const digest = `sha256:${'0'.repeat(64)}`;
  const table: [image: string, want: string | undefined][] = [
    ['nginx', 'docker.io/library/nginx:latest'],
    ['nginx:1.27', 'docker.io/library/nginx:1.27'],
    ['bitnami/redis', 'docker.io/bitnami/redis:latest'],
    ['localhost/app', 'localhost/app:latest'],
    ['localhost:5000/app:v1', 'localhost:5000/app:v1'],
    ['public.ecr.aws/aws-containers/retail-store-sample-cart:1.2.1', 'public.ecr.aws/aws-containers/retail-store-sample-cart:1.2.1'],
    [`registry.k8s.io/pause@${digest}`, `registry.k8s.io/pause@${digest}`],
    [`registry.k8s.io/pause:3.10@${digest}`, `registry.k8s.io/pause:3.10@${digest}`],
    ['a__b/c--d.e_f', 'docker.io/a__b/c--d.e_f:latest'],
    ['', undefined],
    ['Nginx', undefined],
    ['nginx:', undefined],
    ['nginx:a:b', undefined],
    ['my image', undefined],
    ['-bad.host-/x', undefined],
    ['nginx@sha256:abc', undefined],
    ['nginx:-dash', undefined],
    ['a//b', undefined],
  ];
  it.each(table)('%j', (image, want) => {
    const reference = parseImage(image);
    expect(reference && imageName(reference)).toBe(want);
  });
});
