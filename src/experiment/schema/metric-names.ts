const directions = 'image_to_text|text_to_image';
/** Names of metrics that evaluations write. */
export const recallName = new RegExp(`^val/(?:(?:${directions})/)?recall@(\\d+)$`);
export const otherName = new RegExp(`^val/(?:loss|(?:${directions})/median_rank)$`);
