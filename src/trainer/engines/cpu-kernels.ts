import * as tf from '@tensorflow/tfjs';

/**
 * TensorFlow.js's plain JavaScript kernel for a convolution's weight gradient reads each number through a bounds-checked accessor, which
 * makes it the whole of a training step. This one does the same sums over the bare arrays, some 30 times faster.
 */
export function registerFastCpuKernels(): void {
  tf.unregisterKernel('Conv2DBackpropFilter', 'cpu');
  tf.registerKernel({
    kernelName: 'Conv2DBackpropFilter',
    backendName: 'cpu',
    kernelFunc: ({ inputs, backend, attrs }) => {
      const { x, dy } = inputs as { x: tf.TensorInfo; dy: tf.TensorInfo };
      const { strides, pad, filterShape } = attrs as unknown as {
        strides: number;
        pad: 'valid' | 'same' | number;
        filterShape: [number, number, number, number];
      };
      const info = tf.backend_util.computeConv2DInfo(
        x.shape as [number, number, number, number],
        filterShape,
        strides,
        1,
        pad,
      );
      // The backend's own type is not exported by the package.
      const cpu = backend as unknown as {
        data: { get(id: object): { values: Float32Array } };
        makeTensorInfo(shape: number[], dtype: string, values: Float32Array): tf.TensorInfo;
      };
      const gradient = weightGradient(cpu.data.get(x.dataId).values, cpu.data.get(dy.dataId).values, info);
      return cpu.makeTensorInfo(filterShape, 'float32', gradient);
    },
  });
}

function weightGradient(x: Float32Array, dy: Float32Array, info: tf.backend_util.Conv2DInfo): Float32Array {
  const { batchSize, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels } = info;
  const { filterHeight, filterWidth, strideHeight, strideWidth, padInfo } = info;
  const sums = new Float64Array(inChannels * outChannels);
  const result = new Float32Array(filterHeight * filterWidth * sums.length);
  for (let ky = 0; ky < filterHeight; ky++) {
    for (let kx = 0; kx < filterWidth; kx++) {
      sums.fill(0);
      for (let image = 0; image < batchSize; image++) {
        for (let oy = 0; oy < outHeight; oy++) {
          const iy = oy * strideHeight + ky - padInfo.top;
          if (iy < 0 || iy >= inHeight) continue;
          for (let ox = 0; ox < outWidth; ox++) {
            const ix = ox * strideWidth + kx - padInfo.left;
            if (ix < 0 || ix >= inWidth) continue;
            const from = ((image * inHeight + iy) * inWidth + ix) * inChannels;
            const to = ((image * outHeight + oy) * outWidth + ox) * outChannels;
            for (let ci = 0; ci < inChannels; ci++) {
              const value = x[from + ci]!;
              if (value === 0) continue;
              const row = ci * outChannels;
              for (let co = 0; co < outChannels; co++) sums[row + co]! += value * dy[to + co]!;
            }
          }
        }
      }
      result.set(sums, (ky * filterWidth + kx) * sums.length);
    }
  }
  return result;
}
