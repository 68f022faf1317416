import * as tf from '@tensorflow/tfjs-core';

/** `x W^T + b`, with `x [rows, in]`, `weight [out, in]` as checkpoints keep it, `bias [out]`. */
export function linear(x: tf.Tensor2D, weight: tf.Tensor, bias: tf.Tensor): tf.Tensor2D {
  return tf.fused.matMul({ a: x, b: weight as tf.Tensor2D, transposeB: true, bias }) as tf.Tensor2D;
}

/**
 * Layer normalisation over the last axis of `x [rows, width]` (Ba, Kiros and Hinton, 2016), with the gradient in closed
 * form: an eighth of the nodes that differentiating the mean and the variance would give.
 */
export function layerNorm(x: tf.Tensor2D, scale: tf.Tensor, offset: tf.Tensor, epsilon: number): tf.Tensor2D {
  const width = x.shape[1];
  return tf.customGrad((...args) => {
    const [x, scale, offset, save] = args as unknown as [tf.Tensor2D, tf.Tensor1D, tf.Tensor1D, tf.GradSaveFunc];
    const [value, mean, inverse] = fusedLayerNorm(x, scale, offset, epsilon) ?? plainLayerNorm(x, scale, offset, epsilon);
    save([x, scale, mean, inverse]);
    const gradFunc = (dy: tf.Tensor2D, saved: tf.Tensor[]) => {
      const [x, scale, mean, inverse] = saved as [tf.Tensor2D, tf.Tensor1D, tf.Tensor2D, tf.Tensor2D];
      const normal = tf.mul(tf.sub(x, mean), inverse) as tf.Tensor2D;
      const product = tf.mul(dy, normal) as tf.Tensor2D;
      const column = tf.div(tf.reshape(scale, [width, 1]), width) as tf.Tensor2D;
      // mean over the width of dy * scale, and of dy * scale * normal, each as one product of matrix and vector
      const shift = tf.matMul(dy, column);
      const tilt = tf.matMul(product, column);
      const dx = tf.mul(tf.sub(tf.sub(tf.mul(dy, scale), shift), tf.mul(normal, tilt)), inverse);
      return [dx, tf.sum(product, 0), tf.sum(dy, 0)];
    };
    return { value, gradFunc: gradFunc as unknown as (dy: tf.Tensor, saved: tf.Tensor[]) => tf.Tensor[] };
  })(x, scale, offset) as tf.Tensor2D;
}

/** The Gaussian error linear unit `x Phi(x)` (Hendrycks and Gimpel, 2016), exact, as BERT uses it. */
export function gelu(x: tf.Tensor2D): tf.Tensor2D {
  return tf.customGrad((...args) => {
    const [x, save] = args as unknown as [tf.Tensor2D, tf.GradSaveFunc];
    save([x]);
    const value = hasKernel('Gelu') ? (tf.engine().runKernel('Gelu', { x }) as tf.Tensor2D) : tf.mul(x, normalCdf(x));
    const gradFunc = (dy: tf.Tensor2D, saved: tf.Tensor[]) => {
      const x = saved[0] as tf.Tensor2D;
      const density = tf.exp(tf.mul(tf.mul(x, -0.5), x));
      return tf.mul(dy, tf.add(normalCdf(x), tf.mul(tf.mul(x, 1 / Math.sqrt(2 * Math.PI)), density)));
    };
    return { value, gradFunc: gradFunc as unknown as (dy: tf.Tensor, saved: tf.Tensor[]) => tf.Tensor[] };
  })(x) as tf.Tensor2D;
}

/**
 * Negative log-likelihood of a set of classes, for each row: `-log sum_{c allowed} softmax(logits)_c`. With one class
 * allowed it is the cross-entropy; with several, the marginal likelihood of a coarser label.
 * @param logits `[batch, classes]`
 * @param allowed `[batch, classes]`, 1 for the classes that the label covers, else 0; at least one 1 in each row
 * @returns `[batch]`
 */
export function marginalNll(logits: tf.Tensor2D, allowed: tf.Tensor2D): tf.Tensor1D {
  return tf.customGrad((...args) => {
    const [logits, allowed, save] = args as unknown as [tf.Tensor2D, tf.Tensor2D, tf.GradSaveFunc];
    const within = tf.add(logits, tf.mul(tf.sub(allowed, 1), 1e9)) as tf.Tensor2D;
    const [p, q] = [tf.softmax(logits), tf.softmax(within)];
    save([p, q]);
    // With q = p restricted to the label and normalised, the likelihood's logarithm is the divergence of q from p.
    const value = tf.sum(tf.mul(q, tf.sub(tf.logSoftmax(within), tf.logSoftmax(logits))), -1);
    const gradFunc = (dy: tf.Tensor1D, saved: tf.Tensor[]) => {
      const [p, q] = saved as [tf.Tensor2D, tf.Tensor2D];
      const dLogits = tf.mul(tf.expandDims(dy, -1), tf.sub(p, q));
      return [dLogits, tf.zerosLike(p)];
    };
    return { value, gradFunc: gradFunc as unknown as (dy: tf.Tensor, saved: tf.Tensor[]) => tf.Tensor[] };
  })(logits, allowed) as tf.Tensor1D;
}

/**
 * Cross-entropy of a distribution over the classes, for each row: `-sum_c targets_c log softmax(logits)_c`.
 * @param logits `[batch, classes]`
 * @param targets `[batch, classes]`, probabilities
 * @returns `[batch]`
 */
export function crossEntropy(logits: tf.Tensor2D, targets: tf.Tensor2D): tf.Tensor1D {
  return tf.neg(tf.sum(tf.mul(targets, tf.logSoftmax(logits)), -1));
}

function normalCdf(x: tf.Tensor2D): tf.Tensor2D {
  return tf.add(tf.mul(tf.erf(tf.mul(x, Math.SQRT1_2)), 0.5), 0.5);
}

function hasKernel(name: string): boolean {
  return tf.getKernel(name, tf.getBackend()) !== undefined;
}

type Normalised = [value: tf.Tensor2D, mean: tf.Tensor2D, inverse: tf.Tensor2D];

function fusedLayerNorm(x: tf.Tensor2D, scale: tf.Tensor, offset: tf.Tensor, epsilon: number): Normalised | undefined {
  if (!hasKernel('LayerNormalization')) return undefined;
  return tf.engine().runKernel('LayerNormalization', { x, scale, offset }, { epsilon }) as unknown as Normalised;
}

function plainLayerNorm(x: tf.Tensor2D, scale: tf.Tensor, offset: tf.Tensor, epsilon: number): Normalised {
  const mean = tf.mean(x, -1, true) as tf.Tensor2D;
  const centred = tf.sub(x, mean);
  const inverse = tf.rsqrt(tf.add(tf.mean(tf.square(centred), -1, true), epsilon)) as tf.Tensor2D;
  return [tf.add(tf.mul(tf.mul(centred, inverse), scale), offset), mean, inverse];
}
