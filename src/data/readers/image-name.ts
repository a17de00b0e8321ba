/** Names that are taken for images in folders and shards; those of a kind that cannot be decoded are told when they are opened. */
export const imageName = /\.(jpe?g|jfif|png|webp|gif|bmp|tiff?|avif|svg|heic|heif|ico|jp2|jxl)$/i;
