;; One pass of AdamW (Loshchilov and Hutter, 2019) over n floats, four at a time; n is a multiple of 4.
;;   m += (1 - beta1) (s g - m);  v += (1 - beta2) ((s g)^2 - v);  p = decay p - rate m / (sqrt(v) + epsilon)
;; The caller folds the bias corrections into rate and epsilon, and clipping into s.
(module
  (import "arena" "memory" (memory 1))
  (func (export "adamw")
    (param $p i32) (param $m i32) (param $v i32) (param $g i32) (param $n i32)
    (param $s f32) (param $keep1 f32) (param $keep2 f32) (param $rate f32) (param $epsilon f32) (param $decay f32)
    (local $grad v128) (local $first v128) (local $second v128) (local $end i32)
    (local.set $end (i32.add (local.get $p) (i32.shl (local.get $n) (i32.const 2))))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $p) (local.get $end)))
        (local.set $grad (f32x4.mul (v128.load (local.get $g)) (f32x4.splat (local.get $s))))
        (local.set $first (v128.load (local.get $m)))
        (local.set $first (f32x4.add (local.get $first)
          (f32x4.mul (f32x4.sub (local.get $grad) (local.get $first)) (f32x4.splat (local.get $keep1)))))
        (local.set $second (v128.load (local.get $v)))
        (local.set $second (f32x4.add (local.get $second)
          (f32x4.mul (f32x4.sub (f32x4.mul (local.get $grad) (local.get $grad)) (local.get $second)) (f32x4.splat (local.get $keep2)))))
        (v128.store (local.get $m) (local.get $first))
        (v128.store (local.get $v) (local.get $second))
        (v128.store (local.get $p)
          (f32x4.sub
            (f32x4.mul (v128.load (local.get $p)) (f32x4.splat (local.get $decay)))
            (f32x4.div
              (f32x4.mul (local.get $first) (f32x4.splat (local.get $rate)))
              (f32x4.add (f32x4.sqrt (local.get $second)) (f32x4.splat (local.get $epsilon))))))
        (local.set $p (i32.add (local.get $p) (i32.const 16)))
        (local.set $m (i32.add (local.get $m) (i32.const 16)))
        (local.set $v (i32.add (local.get $v) (i32.const 16)))
        (local.set $g (i32.add (local.get $g) (i32.const 16)))
        (br $next))))
  ;; to[i] += from[i] over n floats; n is a multiple of 4.
  (func (export "accumulate") (param $to i32) (param $from i32) (param $n i32)
    (local $end i32)
    (local.set $end (i32.add (local.get $to) (i32.shl (local.get $n) (i32.const 2))))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $to) (local.get $end)))
        (v128.store (local.get $to) (f32x4.add (v128.load (local.get $to)) (v128.load (local.get $from))))
        (local.set $to (i32.add (local.get $to) (i32.const 16)))
        (local.set $from (i32.add (local.get $from) (i32.const 16)))
        (br $next)))))
