;; Loops over float32 numbers, four at a time. Addresses and lengths are in bytes; a length is rounded up to a multiple of 16.
(module
  (import "own" "memory" (memory 0))

  ;; One AdamW update. Moments below 1e-36 are taken as zero: they change no weight (the root of the second stands beside eps), but
  ;; decay into numbers below float32's normal range, which processors work on a hundred times more slowly.
  (func (export "adamw")
    (param $parameter i32) (param $gradient i32) (param $first i32) (param $second i32) (param $length i32)
    (param $factor f32) (param $beta1 f32) (param $share1 f32) (param $beta2 f32) (param $share2 f32)
    (param $decay f32) (param $stepSize f32) (param $root f32) (param $eps f32)
    (local $at i32) (local $g v128) (local $m v128) (local $v v128) (local $p v128) (local $least v128)
    (local.set $least (f32x4.splat (f32.const 1e-36)))
    (loop $four
      (local.set $g (f32x4.mul
        (v128.load align=4 (i32.add (local.get $gradient) (local.get $at)))
        (f32x4.splat (local.get $factor))))
      (local.set $m (f32x4.add
        (f32x4.mul
          (v128.load align=4 (i32.add (local.get $first) (local.get $at)))
          (f32x4.splat (local.get $beta1)))
        (f32x4.mul (local.get $g) (f32x4.splat (local.get $share1)))))
      (local.set $m (v128.andnot (local.get $m) (f32x4.lt (f32x4.abs (local.get $m)) (local.get $least))))
      (local.set $v (f32x4.add
        (f32x4.mul
          (v128.load align=4 (i32.add (local.get $second) (local.get $at)))
          (f32x4.splat (local.get $beta2)))
        (f32x4.mul (f32x4.mul (local.get $g) (local.get $g)) (f32x4.splat (local.get $share2)))))
      (local.set $v (v128.andnot (local.get $v) (f32x4.lt (f32x4.abs (local.get $v)) (local.get $least))))
      (v128.store align=4 (i32.add (local.get $first) (local.get $at)) (local.get $m))
      (v128.store align=4 (i32.add (local.get $second) (local.get $at)) (local.get $v))
      ;; Both small terms first: each alone may be lost beside the weight.
      (local.set $p (v128.load align=4 (i32.add (local.get $parameter) (local.get $at))))
      (v128.store align=4 (i32.add (local.get $parameter) (local.get $at))
        (f32x4.sub (local.get $p) (f32x4.add
          (f32x4.mul (local.get $p) (f32x4.splat (local.get $decay)))
          (f32x4.div
            (f32x4.mul (f32x4.splat (local.get $stepSize)) (local.get $m))
            (f32x4.add
              (f32x4.mul (f32x4.sqrt (local.get $v)) (f32x4.splat (local.get $root)))
              (f32x4.splat (local.get $eps)))))))
      (br_if $four (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 16))) (local.get $length)))))

  ;; What an update does where gradient and moments are zero.
  (func (export "decay") (param $parameter i32) (param $length i32) (param $share f32)
    (local $at i32) (local $p v128)
    (loop $four
      (local.set $p (v128.load align=4 (i32.add (local.get $parameter) (local.get $at))))
      (v128.store align=4 (i32.add (local.get $parameter) (local.get $at))
        ;; + 0 as in the update: of -0 nothing is taken away
        (f32x4.sub (local.get $p) (f32x4.add
          (f32x4.mul (local.get $p) (f32x4.splat (local.get $share)))
          (f32x4.splat (f32.const 0)))))
      (br_if $four (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 16))) (local.get $length)))))

  ;; The sum of squares, in float64.
  (func (export "squareSum") (param $address i32) (param $length i32) (result f64)
    (local $at i32) (local $four v128) (local $pair v128) (local $sum v128) (local $upper v128)
    (loop $next
      (local.set $four (v128.load align=4 (i32.add (local.get $address) (local.get $at))))
      (local.set $pair (f64x2.promote_low_f32x4 (local.get $four)))
      (local.set $sum (f64x2.add (local.get $sum) (f64x2.mul (local.get $pair) (local.get $pair))))
      (local.set $pair (f64x2.promote_low_f32x4
        (i8x16.shuffle 8 9 10 11 12 13 14 15 0 1 2 3 4 5 6 7 (local.get $four) (local.get $four))))
      (local.set $upper (f64x2.add (local.get $upper) (f64x2.mul (local.get $pair) (local.get $pair))))
      (br_if $next (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 16))) (local.get $length))))
    (local.set $sum (f64x2.add (local.get $sum) (local.get $upper)))
    (f64.add (f64x2.extract_lane 0 (local.get $sum)) (f64x2.extract_lane 1 (local.get $sum)))))
