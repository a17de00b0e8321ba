;; What lies between the headers of a baseline JPEG and its pixels, with libjpeg's results to the bit: Huffman codes, the inverse cosine
;; transform (jidctint.c), triangular enlarging of the colour planes (jdsample.c) and the conversion to RGB (jdcolor.c).
(module
  (import "own" "memory" (memory 0))

  ;; Where `unstuff` stopped.
  (global $position (export "position") (mut i32) (i32.const 0))

  ;; Copies coded bytes up to the next marker or `end`, without the zeros that follow each byte of 255. Gives how many were written;
  ;; behind them stand eight zeros.
  (func (export "unstuff") (param $from i32) (param $end i32) (param $to i32) (result i32)
    (local $start i32) (local $sixteen v128) (local $found i32)
    (local.set $start (local.get $to))
    (block $marker
      (loop $next
        (br_if $marker (i32.ge_u (local.get $from) (local.get $end)))
        (local.set $sixteen (v128.load align=1 (local.get $from)))
        (v128.store align=1 (local.get $to) (local.get $sixteen))
        (local.set $found (i8x16.bitmask (i8x16.eq (local.get $sixteen) (i8x16.splat (i32.const 255)))))
        (if (i32.eqz (local.get $found))
          (then
            (local.set $from (i32.add (local.get $from) (i32.const 16)))
            (local.set $to (i32.add (local.get $to) (i32.const 16)))
            (br $next)))
        (local.set $found (i32.ctz (local.get $found)))
        (local.set $from (i32.add (local.get $from) (local.get $found)))
        (local.set $to (i32.add (local.get $to) (local.get $found)))
        (br_if $marker (i32.load8_u offset=1 (local.get $from)))
        (i32.store8 (local.get $to) (i32.const 255))
        (local.set $from (i32.add (local.get $from) (i32.const 2)))
        (local.set $to (i32.add (local.get $to) (i32.const 1)))
        (br $next)))
    (i64.store align=1 (local.get $to) (i64.const 0))
    (global.set $position (local.get $from))
    (i32.sub (local.get $to) (local.get $start)))

  ;; Decodes the blocks of the units `unit` to `lastUnit` (exclusive) of a picture with `across` units in a row, from `length` bytes.
  ;; `blocks` of a unit are told at `table`, 32 bytes each: addresses of the component's last DC value, of its DC and AC codes, of its
  ;; quantisers and its plane (where the first such block goes), the plane's stride, and the steps to the next unit across and down.
  ;; Codes: 1024 times what the next ten bits begin with, (value << 16 | zeros before it << 12 | bits of it still to come << 8 | bits
  ;; taken), 0 where the code is longer; by length the largest code (-1: none) and what leads from a code to its symbol; the symbols.
  ;; `zigzag`: by place the address of its coefficient.
  ;; `coefficients`: 128 bytes of zeros and as many of scratch. Gives 0 where the codes are not right.
  (func (export "decode")
    (param $table i32) (param $blocks i32) (param $unit i32) (param $lastUnit i32) (param $across i32)
    (param $from i32) (param $length i32) (param $zigzag i32) (param $coefficients i32)
    (result i32)
    (local $end i32) (local $bits i64) (local $count i32)
    (local $block i32) (local $lastBlock i32) (local $codes i32) (local $code i32) (local $size i32) (local $zeros i32)
    (local $k i32) (local $value i32) (local $last i32) (local $out i32)
    (local.set $end (i32.add (local.get $from) (local.get $length)))
    (local.set $lastBlock (i32.add (local.get $table) (i32.shl (local.get $blocks) (i32.const 5))))
    (loop $nextUnit
      (local.set $block (local.get $table))
      (loop $nextBlock
        (local.set $k (i32.const 0))
        (local.set $last (i32.const 0))
        (local.set $codes (i32.load offset=4 (local.get $block)))
        (block $done
          (loop $nextSymbol
            ;; At least 32 bits, of which a code takes 16 and its value 15 at most.
            (if (i32.le_s (local.get $count) (i32.const 32))
              (then
                (local.set $bits (i64.or (local.get $bits)
                  (i64.shl
                    (i64.extend_i32_u (i32x4.extract_lane 0 (i8x16.swizzle
                      (v128.load32_zero align=1 (local.get $from))
                      (v128.const i8x16 3 2 1 0 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1))))
                    (i64.extend_i32_u (i32.sub (i32.const 32) (local.get $count))))))
                (local.set $count (i32.add (local.get $count) (i32.const 32)))
                (local.set $from (i32.add (local.get $from) (i32.const 4)))
                ;; Beyond the end: the zeros behind it may be looked at, no more.
                (if (i32.gt_u (local.get $from) (i32.add (local.get $end) (i32.const 8)))
                  (then (return (i32.const 0))))))
            (local.set $code (i32.load (i32.add (local.get $codes)
              (i32.shl (i32.wrap_i64 (i64.shr_u (local.get $bits) (i64.const 54))) (i32.const 2)))))
            (if (i32.eqz (local.get $code))
              (then
                (local.set $size (i32.const 11))
                (block $found
                  (loop $longer
                    (local.set $code (i32.wrap_i64 (i64.shr_u (local.get $bits)
                      (i64.extend_i32_u (i32.sub (i32.const 64) (local.get $size))))))
                    (br_if $found (i32.le_s (local.get $code)
                      (i32.load offset=4096 (i32.add (local.get $codes) (i32.shl (local.get $size) (i32.const 2))))))
                    (br_if $longer (i32.le_u
                      (local.tee $size (i32.add (local.get $size) (i32.const 1))) (i32.const 16))))
                  (return (i32.const 0)))
                (local.set $code (i32.or (local.get $size) (i32.shl
                  (i32.load8_u offset=4232 (i32.add (local.get $codes) (i32.and (i32.const 255)
                    (i32.add (local.get $code)
                      (i32.load offset=4164
                        (i32.add (local.get $codes) (i32.shl (local.get $size) (i32.const 2))))))))
                  (i32.const 8))))))
            (local.set $bits (i64.shl (local.get $bits) (i64.extend_i32_u (i32.and (local.get $code) (i32.const 255)))))
            (local.set $count (i32.sub (local.get $count) (i32.and (local.get $code) (i32.const 255))))
            (local.set $value (i32.shr_s (local.get $code) (i32.const 16)))
            (local.set $size (i32.and (i32.shr_u (local.get $code) (i32.const 8)) (i32.const 15)))
            (if (local.get $size)
              (then
                ;; A value that does not begin with a 1 is negative.
                (local.set $value (i32.add
                  (i32.wrap_i64 (i64.shr_u (local.get $bits)
                    (i64.extend_i32_u (i32.sub (i32.const 64) (local.get $size)))))
                  (i32.and
                    (i32.wrap_i64 (i64.shr_s (i64.xor (local.get $bits) (i64.const -1)) (i64.const 63)))
                    (i32.add (i32.shl (i32.const -1) (local.get $size)) (i32.const 1)))))
                (local.set $bits (i64.shl (local.get $bits) (i64.extend_i32_u (local.get $size))))
                (local.set $count (i32.sub (local.get $count) (local.get $size)))))
            (if (i32.eqz (local.get $k))
              (then
                ;; Nothing stands before a DC value, which has 11 bits at most.
                (if (i32.or (i32.and (local.get $code) (i32.const 0xf000)) (i32.gt_u (local.get $size) (i32.const 11)))
                  (then (return (i32.const 0))))
                (local.set $code (i32.load (local.get $block)))
                (i32.store (local.get $code)
                  (local.tee $value (i32.add (local.get $value) (i32.load (local.get $code)))))
                (i32.store16 (local.get $coefficients) (local.get $value))
                (local.set $codes (i32.load offset=8 (local.get $block)))
                (local.set $k (i32.const 1))
                (br $nextSymbol)))
            (local.set $zeros (i32.and (i32.shr_u (local.get $code) (i32.const 12)) (i32.const 15)))
            (if (i32.eqz (local.get $value))
              (then
                (br_if $done (i32.ne (local.get $zeros) (i32.const 15)))
                (br_if $nextSymbol (i32.lt_u
                  (local.tee $k (i32.add (local.get $k) (i32.const 16))) (i32.const 64)))
                (return (i32.const 0))))
            (local.set $k (i32.add (local.get $k) (local.get $zeros)))
            (if (i32.gt_u (local.get $k) (i32.const 63)) (then (return (i32.const 0))))
            (i32.store16
              (i32.load (i32.add (local.get $zigzag) (i32.shl (local.get $k) (i32.const 2))))
              (local.get $value))
            (local.set $last (local.get $k))
            (br_if $nextSymbol (i32.lt_u
              (local.tee $k (i32.add (local.get $k) (i32.const 1))) (i32.const 64)))))
        (local.set $out (i32.add (i32.load offset=16 (local.get $block)) (i32.add
          (i32.mul (i32.rem_u (local.get $unit) (local.get $across)) (i32.load offset=24 (local.get $block)))
          (i32.mul (i32.div_u (local.get $unit) (local.get $across)) (i32.load offset=28 (local.get $block))))))
        (if (local.get $last)
          (then (call $transform (local.get $coefficients) (i32.load offset=12 (local.get $block))
            (local.get $out) (i32.load offset=20 (local.get $block)) (local.get $last)))
          (else (call $even (local.get $coefficients) (i32.load offset=12 (local.get $block))
            (local.get $out) (i32.load offset=20 (local.get $block)))))
        (br_if $nextBlock (i32.lt_u
          (local.tee $block (i32.add (local.get $block) (i32.const 32))) (local.get $lastBlock))))
      (br_if $nextUnit (i32.lt_u
        (local.tee $unit (i32.add (local.get $unit) (i32.const 1))) (local.get $lastUnit))))
    ;; No more bits were taken than there were, and less than a byte is left.
    (i32.lt_u
      (i32.add (i32.shl (i32.sub (local.get $end) (local.get $from)) (i32.const 3)) (local.get $count))
      (i32.const 8)))

  ;; A block of which only the mean is not zero.
  (func $even (param $coefficients i32) (param $quantisers i32) (param $out i32) (param $stride i32)
    (local $eight v128) (local $row i32)
    (local.set $eight (v128.xor (i8x16.splat (i32.const 128)) (i8x16.narrow_i16x8_s
      (i16x8.shr_s (i16x8.add
        (i16x8.mul (v128.load16_splat (local.get $coefficients)) (v128.load16_splat (local.get $quantisers)))
        (i16x8.splat (i32.const 4))) (i32.const 3))
      (v128.const i32x4 0 0 0 0))))
    (local.set $eight (i8x16.shuffle 0 1 2 3 4 5 6 7 0 1 2 3 4 5 6 7 (local.get $eight) (local.get $eight)))
    (i32.store16 (local.get $coefficients) (i32.const 0))
    (local.set $row (i32.const 8))
    (loop $next
      (v128.store64_lane align=1 0 (local.get $out) (local.get $eight))
      (local.set $out (i32.add (local.get $out) (local.get $stride)))
      (br_if $next (local.tee $row (i32.sub (local.get $row) (i32.const 1))))))

  ;; Quantisers and the inverse cosine transform of one block, 8 x 8 bytes to `out`; the coefficients are zeros afterwards. Sums of
  ;; coefficients are 16-bit as in libjpeg-turbo's own vector code. `last` is the place of the last one that is not zero.
  (func $transform (param $coefficients i32) (param $quantisers i32) (param $out i32) (param $stride i32) (param $last i32)
    (local $part i32) (local $from i32) (local $to i32) (local $shift i32) (local $round v128)
    (local $i1 v128) (local $i3 v128) (local $i5 v128) (local $i7 v128) (local $pair v128)
    (local $t0 v128) (local $t1 v128) (local $t2 v128) (local $t3 v128)
    (local $u0 v128) (local $u1 v128) (local $u2 v128) (local $u3 v128) (local $z3 v128) (local $z4 v128)
    (loop $nextRow
      (local.set $from (i32.add (local.get $coefficients) (local.get $part)))
      (v128.store (local.get $from) (i16x8.mul
        (v128.load (local.get $from))
        (v128.load (i32.add (local.get $quantisers) (local.get $part)))))
      (br_if $nextRow (i32.lt_u (local.tee $part (i32.add (local.get $part) (i32.const 16))) (i32.const 128))))
    ;; Four times four columns: the left and right half of the coefficients, turned into the scratch, and the same of that.
    (local.set $part (i32.const 0))
    (local.set $shift (i32.const 11))
    (local.set $round (i32x4.splat (i32.const 0x400)))
    (loop $nextPart
      (local.set $from (i32.add (local.get $coefficients)
        (i32.or (i32.shl (i32.and (local.get $part) (i32.const 1)) (i32.const 3))
          (i32.shl (i32.and (local.get $part) (i32.const 2)) (i32.const 6)))))
      (local.set $to (i32.add (local.get $coefficients)
        (i32.xor (i32.const 128) (i32.or (i32.shl (i32.and (local.get $part) (i32.const 1)) (i32.const 6))
          (i32.shl (i32.and (local.get $part) (i32.const 2)) (i32.const 6))))))
      (if (i32.eq (local.get $part) (i32.const 2))
        (then
          (local.set $shift (i32.const 18))
          (local.set $round (i32x4.splat (i32.const 0x20000)))))
      (local.set $i1 (v128.load64_zero (local.get $from)))
      (local.set $i3 (v128.load64_zero offset=64 (local.get $from)))
      (local.set $t0 (i32x4.add (local.get $round) (i32x4.extmul_low_i16x8_s
        (i16x8.add (local.get $i1) (local.get $i3)) (i16x8.splat (i32.const 8192)))))
      (local.set $t1 (i32x4.add (local.get $round) (i32x4.extmul_low_i16x8_s
        (i16x8.sub (local.get $i1) (local.get $i3)) (i16x8.splat (i32.const 8192)))))
      (local.set $pair (i8x16.shuffle 0 1 16 17 2 3 18 19 4 5 20 21 6 7 22 23
        (v128.load64_zero offset=32 (local.get $from)) (v128.load64_zero offset=96 (local.get $from))))
      (local.set $t3 (i32x4.dot_i16x8_s (local.get $pair)
        (v128.const i16x8 10703 4433 10703 4433 10703 4433 10703 4433)))
      (local.set $t2 (i32x4.dot_i16x8_s (local.get $pair)
        (v128.const i16x8 4433 -10704 4433 -10704 4433 -10704 4433 -10704)))
      (local.set $u0 (i32x4.add (local.get $t0) (local.get $t3)))
      (local.set $u3 (i32x4.sub (local.get $t0) (local.get $t3)))
      (local.set $u1 (i32x4.add (local.get $t1) (local.get $t2)))
      (local.set $u2 (i32x4.sub (local.get $t1) (local.get $t2)))
      (local.set $i1 (v128.load64_zero offset=16 (local.get $from)))
      (local.set $i3 (v128.load64_zero offset=48 (local.get $from)))
      (local.set $i5 (v128.load64_zero offset=80 (local.get $from)))
      (local.set $i7 (v128.load64_zero offset=112 (local.get $from)))
      (local.set $pair (i8x16.shuffle 0 1 16 17 2 3 18 19 4 5 20 21 6 7 22 23
        (i16x8.add (local.get $i7) (local.get $i3)) (i16x8.add (local.get $i5) (local.get $i1))))
      (local.set $z3 (i32x4.dot_i16x8_s (local.get $pair)
        (v128.const i16x8 -6436 9633 -6436 9633 -6436 9633 -6436 9633)))
      (local.set $z4 (i32x4.dot_i16x8_s (local.get $pair)
        (v128.const i16x8 9633 6437 9633 6437 9633 6437 9633 6437)))
      (local.set $pair (i8x16.shuffle 0 1 16 17 2 3 18 19 4 5 20 21 6 7 22 23 (local.get $i7) (local.get $i1)))
      (local.set $t0 (i32x4.add (local.get $z3) (i32x4.dot_i16x8_s (local.get $pair)
        (v128.const i16x8 -4927 -7373 -4927 -7373 -4927 -7373 -4927 -7373))))
      (local.set $t3 (i32x4.add (local.get $z4) (i32x4.dot_i16x8_s (local.get $pair)
        (v128.const i16x8 -7373 4926 -7373 4926 -7373 4926 -7373 4926))))
      (local.set $pair (i8x16.shuffle 0 1 16 17 2 3 18 19 4 5 20 21 6 7 22 23 (local.get $i5) (local.get $i3)))
      (local.set $t1 (i32x4.add (local.get $z4) (i32x4.dot_i16x8_s (local.get $pair)
        (v128.const i16x8 -4176 -20995 -4176 -20995 -4176 -20995 -4176 -20995))))
      (local.set $t2 (i32x4.add (local.get $z3) (i32x4.dot_i16x8_s (local.get $pair)
        (v128.const i16x8 -20995 4177 -20995 4177 -20995 4177 -20995 4177))))
      ;; Outputs 0 1, 2 3, 4 5 and 6 7 of the four columns, each pair interleaved.
      (local.set $i1 (i16x8.narrow_i32x4_s
        (i32x4.shr_s (i32x4.add (local.get $u0) (local.get $t3)) (local.get $shift))
        (i32x4.shr_s (i32x4.add (local.get $u1) (local.get $t2)) (local.get $shift))))
      (local.set $i3 (i16x8.narrow_i32x4_s
        (i32x4.shr_s (i32x4.add (local.get $u2) (local.get $t1)) (local.get $shift))
        (i32x4.shr_s (i32x4.add (local.get $u3) (local.get $t0)) (local.get $shift))))
      (local.set $i5 (i16x8.narrow_i32x4_s
        (i32x4.shr_s (i32x4.sub (local.get $u3) (local.get $t0)) (local.get $shift))
        (i32x4.shr_s (i32x4.sub (local.get $u2) (local.get $t1)) (local.get $shift))))
      (local.set $i7 (i16x8.narrow_i32x4_s
        (i32x4.shr_s (i32x4.sub (local.get $u1) (local.get $t2)) (local.get $shift))
        (i32x4.shr_s (i32x4.sub (local.get $u0) (local.get $t3)) (local.get $shift))))
      (local.set $i1 (i8x16.shuffle 0 1 8 9 2 3 10 11 4 5 12 13 6 7 14 15 (local.get $i1) (local.get $i1)))
      (local.set $i3 (i8x16.shuffle 0 1 8 9 2 3 10 11 4 5 12 13 6 7 14 15 (local.get $i3) (local.get $i3)))
      (local.set $i5 (i8x16.shuffle 0 1 8 9 2 3 10 11 4 5 12 13 6 7 14 15 (local.get $i5) (local.get $i5)))
      (local.set $i7 (i8x16.shuffle 0 1 8 9 2 3 10 11 4 5 12 13 6 7 14 15 (local.get $i7) (local.get $i7)))
      (local.set $t0 (i8x16.shuffle 0 1 2 3 16 17 18 19 4 5 6 7 20 21 22 23 (local.get $i1) (local.get $i3)))
      (local.set $t1 (i8x16.shuffle 8 9 10 11 24 25 26 27 12 13 14 15 28 29 30 31 (local.get $i1) (local.get $i3)))
      (local.set $t2 (i8x16.shuffle 0 1 2 3 16 17 18 19 4 5 6 7 20 21 22 23 (local.get $i5) (local.get $i7)))
      (local.set $t3 (i8x16.shuffle 8 9 10 11 24 25 26 27 12 13 14 15 28 29 30 31 (local.get $i5) (local.get $i7)))
      (v128.store (local.get $to)
        (i8x16.shuffle 0 1 2 3 4 5 6 7 16 17 18 19 20 21 22 23 (local.get $t0) (local.get $t2)))
      (v128.store offset=16 (local.get $to)
        (i8x16.shuffle 8 9 10 11 12 13 14 15 24 25 26 27 28 29 30 31 (local.get $t0) (local.get $t2)))
      (v128.store offset=32 (local.get $to)
        (i8x16.shuffle 0 1 2 3 4 5 6 7 16 17 18 19 20 21 22 23 (local.get $t1) (local.get $t3)))
      (v128.store offset=48 (local.get $to)
        (i8x16.shuffle 8 9 10 11 12 13 14 15 24 25 26 27 28 29 30 31 (local.get $t1) (local.get $t3)))
      (local.set $part (i32.add (local.get $part) (i32.const 1)))
      ;; The first fourteen are none of the right half, whose turned coefficients are zeros as well.
      (if (i32.and (i32.eq (local.get $part) (i32.const 1)) (i32.lt_u (local.get $last) (i32.const 14)))
        (then
          (v128.store offset=192 (local.get $coefficients) (v128.const i32x4 0 0 0 0))
          (v128.store offset=208 (local.get $coefficients) (v128.const i32x4 0 0 0 0))
          (v128.store offset=224 (local.get $coefficients) (v128.const i32x4 0 0 0 0))
          (v128.store offset=240 (local.get $coefficients) (v128.const i32x4 0 0 0 0))
          (local.set $part (i32.const 2))))
      (br_if $nextPart (i32.lt_u (local.get $part) (i32.const 4))))
    (local.set $part (i32.const 0))
    (loop $nextTwo
      (local.set $from (i32.add (local.get $coefficients) (local.get $part)))
      (local.set $pair (v128.xor (i8x16.splat (i32.const 128))
        (i8x16.narrow_i16x8_s (v128.load (local.get $from)) (v128.load offset=16 (local.get $from)))))
      (v128.store64_lane align=1 0 (local.get $out) (local.get $pair))
      (v128.store64_lane align=1 1 (i32.add (local.get $out) (local.get $stride)) (local.get $pair))
      (v128.store (local.get $from) (v128.const i32x4 0 0 0 0))
      (v128.store offset=16 (local.get $from) (v128.const i32x4 0 0 0 0))
      (local.set $out (i32.add (local.get $out) (i32.shl (local.get $stride) (i32.const 1))))
      (br_if $nextTwo (i32.lt_u (local.tee $part (i32.add (local.get $part) (i32.const 32))) (i32.const 128)))))

  ;; A row of a colour plane with twice as many columns: each stands three quarters for itself and one for its neighbour, at both ends for
  ;; itself alone. With half as many rows as the picture (`isLow`) the same between the row that is near and the one that is far.
  ;; `sums`: 16-bit scratch for `width` numbers and eight on either side.
  (func (export "widen")
    (param $near i32) (param $far i32) (param $isLow i32) (param $width i32) (param $sums i32) (param $to i32)
    (local $i i32) (local $own v128) (local $three v128) (local $first v128) (local $second v128) (local $shift i32)
    (local.set $sums (i32.add (local.get $sums) (i32.const 16)))
    (loop $nextSum
      (local.set $own (v128.load8x8_u align=1 (i32.add (local.get $near) (local.get $i))))
      (if (local.get $isLow)
        (then (local.set $own (i16x8.add
          (i16x8.mul (local.get $own) (i16x8.splat (i32.const 3)))
          (v128.load8x8_u align=1 (i32.add (local.get $far) (local.get $i)))))))
      (v128.store align=2 (i32.add (local.get $sums) (i32.shl (local.get $i) (i32.const 1))) (local.get $own))
      (br_if $nextSum (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 8))) (local.get $width))))
    (i32.store16 (i32.sub (local.get $sums) (i32.const 2)) (i32.load16_u (local.get $sums)))
    (local.set $i (i32.add (local.get $sums) (i32.shl (local.get $width) (i32.const 1))))
    (i32.store16 (local.get $i) (i32.load16_u (i32.sub (local.get $i) (i32.const 2))))
    (local.set $shift (select (i32.const 4) (i32.const 2) (local.get $isLow)))
    (local.set $first (i16x8.splat (select (i32.const 8) (i32.const 1) (local.get $isLow))))
    (local.set $second (i16x8.splat (select (i32.const 7) (i32.const 2) (local.get $isLow))))
    (local.set $i (i32.const 0))
    (loop $next
      (local.set $own (v128.load align=2 (local.get $sums)))
      (local.set $three (i16x8.mul (local.get $own) (i16x8.splat (i32.const 3))))
      (v128.store align=1 (i32.add (local.get $to) (i32.shl (local.get $i) (i32.const 1)))
        (v128.or
          (i16x8.shr_u (i16x8.add (i16x8.add (local.get $three) (local.get $first))
            (v128.load align=2 (i32.sub (local.get $sums) (i32.const 2)))) (local.get $shift))
          (i16x8.shl (i16x8.shr_u (i16x8.add (i16x8.add (local.get $three) (local.get $second))
            (v128.load offset=2 align=2 (local.get $sums))) (local.get $shift)) (i32.const 8))))
      (local.set $sums (i32.add (local.get $sums) (i32.const 16)))
      (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 8))) (local.get $width)))))

  ;; A row of RGB from luma and two colours, eight pixels at a time: up to seven more are written than there are.
  ;; R = Y + 1.402 Cr, G = Y - 0.34414 Cb - 0.71414 Cr, B = Y + 1.772 Cb, with libjpeg's 16-bit fractions and roundings;
  ;; of R and B alone 15-bit ones give the same for each of the 256 values.
  (func (export "colour") (param $luma i32) (param $blue i32) (param $red i32) (param $width i32) (param $to i32)
    (local $i i32) (local $y v128) (local $b v128) (local $r v128) (local $g v128) (local $half v128)
    (local.set $half (i32x4.splat (i32.const 0x8000)))
    (loop $next
      (local.set $y (v128.load8x8_u align=1 (i32.add (local.get $luma) (local.get $i))))
      (local.set $b (i16x8.sub (v128.load8x8_u align=1 (i32.add (local.get $blue) (local.get $i))) (i16x8.splat (i32.const 128))))
      (local.set $r (i16x8.sub (v128.load8x8_u align=1 (i32.add (local.get $red) (local.get $i))) (i16x8.splat (i32.const 128))))
      (local.set $g (i16x8.sub
        (i16x8.narrow_i32x4_s
          (i32x4.shr_s (i32x4.add (local.get $half) (i32x4.dot_i16x8_s
            (i8x16.shuffle 0 1 16 17 2 3 18 19 4 5 20 21 6 7 22 23 (local.get $b) (local.get $r))
            (v128.const i16x8 -22554 18734 -22554 18734 -22554 18734 -22554 18734))) (i32.const 16))
          (i32x4.shr_s (i32x4.add (local.get $half) (i32x4.dot_i16x8_s
            (i8x16.shuffle 8 9 24 25 10 11 26 27 12 13 28 29 14 15 30 31 (local.get $b) (local.get $r))
            (v128.const i16x8 -22554 18734 -22554 18734 -22554 18734 -22554 18734))) (i32.const 16)))
        (local.get $r)))
      (local.set $r (i16x8.add (local.get $r) (i16x8.q15mulr_sat_s (local.get $r) (i16x8.splat (i32.const 13173)))))
      (local.set $b (i16x8.add (i16x8.shl (local.get $b) (i32.const 1))
        (i16x8.q15mulr_sat_s (local.get $b) (i16x8.splat (i32.const -7471)))))
      (local.set $r (i8x16.narrow_i16x8_u
        (i16x8.add (local.get $y) (local.get $r)) (i16x8.add (local.get $y) (local.get $g))))
      (local.set $b (i8x16.narrow_i16x8_u (i16x8.add (local.get $y) (local.get $b)) (local.get $b)))
      (v128.store align=1 (local.get $to)
        (i8x16.shuffle 0 8 16 1 9 17 2 10 18 3 11 19 4 12 20 5 (local.get $r) (local.get $b)))
      (v128.store64_lane offset=16 align=1 0 (local.get $to)
        (i8x16.shuffle 13 21 6 14 22 7 15 23 0 0 0 0 0 0 0 0 (local.get $r) (local.get $b)))
      (local.set $to (i32.add (local.get $to) (i32.const 24)))
      (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 8))) (local.get $width))))))
