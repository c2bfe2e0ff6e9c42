import type { Pod } from '../../schema/generated/kinds.ts';
import type { Plugin } from '../framework.ts';
import { ImageStates, imagesOf } from '../image-states.ts';

const MB = 1024 * 1024;
/** Of all of a pod's images, and for each of its containers: what is below and above counts the same. */
const LEAST = 23 * MB;
const MOST = 1_000 * MB;

/** Nodes that have the pod's images already are better, in proportion to what they save; an image counts the more, the more nodes have it, so that it does not draw all pods to one. */
export const imageLocality: Plugin = {
  name: 'ImageLocality',
  score: {
    weight: 1,
    among: ({ pod }, cluster) => {
      const images = cluster.kept.of(ImageStates).update(cluster);
      const wanted = imagesOfPod(pod).filter((name) => images.nodesWith(name) > 0);
      if (wanted.length === 0) return undefined;
      const most = MOST * (pod.spec!.containers.length + (pod.spec!.initContainers?.length ?? 0));
      return ({ node }) => {
        const present = imagesOf(node);
        let sum = 0;
        for (const name of wanted) sum += Math.trunc((present.get(name) ?? 0) * (images.nodesWith(name) / cluster.nodes.length));
        return Math.trunc((100 * (Math.min(Math.max(sum, LEAST), most) - LEAST)) / (most - LEAST));
      };
    },
  },
};

const imagesOfPod = ({ spec }: Pod): string[] =>
  [
    ...(spec!.initContainers ?? []).map(({ image }) => image),
    ...spec!.containers.map(({ image }) => image),
    ...(spec!.volumes ?? []).map(({ image }) => image?.reference),
  ].flatMap((image) => (image ? [tagged(image)] : []));

/** As nodes report it: an image without a tag is its latest. */
const tagged = (image: string): string => (image.lastIndexOf(':') <= image.lastIndexOf('/') ? `${image}:latest` : image);
