# emit: ir -O0
def triangle(n: int) -> int:
    total = 0
    for i in range(n):
        total += i
    return total
#> global local const @str.0: size 30, align 1 = "range() arg 3 must not be zero"
#> global weak data thread @pyexec_error: size 288, align 8
#> global local const @str.1: size 41, align 1 = "Python int too large to convert to C long"
#> global weak data @pyexec_error_seen: size 4, align 4
#>
#> func fast local @py.triangle(i64) -> (i64, i8) {
#> b0(v0: i64):
#>   v1 = iconst.i8 0 @19
#>   v8 = iconst.i64 0 @56
#>   v9 = iconst.i64 0 @71
#>   jump b4(v8, v9) @62
#> b4(v11: i64, v13: i64):
#>   v14 = slt.i64 v13, v0 @62
#>   br_if v14, b5, b3 @62
#> b5:
#>   v15, v16 = sadd_overflow.i64 v11, v13 @89
#>   br_if v16, b7, b8 @89
#> cold b7:
#>   v19 = isub.i64 v0, v13 @89
#>   v20 = iconst.i64 1
#>   v21, v22 = call @py.triangle.resume(v20, v11, v13, v13, v19) @89
#>   ret v21, v22 @89
#> b8:
#>   jump b6 @89
#> b6:
#>   v17 = iconst.i64 1 @89
#>   v18 = iadd.i64 v13, v17 @89
#>   jump b4(v15, v18) @89
#> b3:
#>   jump b2 @89
#> b2:
#>   ret v11, v1 @104
#> }
#>
#> func fast local @__main__() -> (i8) {
#> b0:
#>   v0 = iconst.i8 0 @0
#>   ret v0 @0
#> }
#>
#> func fast local cold @py.triangle.exact(i64) -> (i64, i8) {
#> b0(v0: i64):
#>   v1 = iconst.i64 0
#>   v2, v3 = call @py.triangle.resume(v1, v0, v1, v1, v1) @19
#>   ret v2, v3 @19
#> }
#>
#> func fast local cold @py.triangle.resume(i64, i64, i64, i64, i64) -> (i64, i8) {
#>   slot s0: size 72, align 8
#>   slot s1: size 8, align 8
#> b0(v134: i64, v135: i64, v136: i64, v137: i64, v138: i64):
#>   v3 = iconst.i64 0 @19
#>   v139 = stack_addr s0 @104
#>   v140 = iconst.i64 0 @104
#>   jump b26(v140) @104
#> b4:
#>   v7 = iconst.i64 1 @56
#>   v8 = stack_addr s0+8 @48
#>   v9 = load.i64 stack v8 @48
#>   v10 = call @pyexec_big_keep(v7, v9) @48
#>   v11 = stack_addr s0+8 @48
#>   store.i64 stack v10, v11 @48
#>   v12 = iconst.i64 1 @71
#>   v13 = stack_addr s0 @77
#>   v14 = load.i64 stack v13 @77
#>   v15 = iconst.i64 3 @71
#>   v16 = iconst.i64 1 @62
#>   v17 = ne.i64 v15, v16 @62
#>   v18 = iconst.i8 0 @62
#>   v19 = eq.i8 v17, v18 @62
#>   br_if v19, b5, b6 @62
#> cold b5:
#>   v20 = global_addr @str.0 @62
#>   v21 = iconst.i64 30 @62
#>   v22 = iconst.i32 21 @62
#>   v23 = iconst.i32 0 @62
#>   v161 = iconst.i32 4
#>   call @py.raise(v22, v20, v21, v161) @62
#>   jump b3 @62
#> b6:
#>   v24 = stack_addr s0+56 @62
#>   v25 = load.i64 stack v24 @62
#>   v26 = call @pyexec_big_range_count(v12, v14, v15, v25) @62
#>   v27 = stack_addr s0+56 @62
#>   store.i64 stack v26, v27 @62
#>   v28 = iconst.i64 0 @62
#>   v29 = call @pyexec_big_keep(v12, v28) @62
#>   v30 = call @pyexec_big_keep(v26, v28) @62
#>   v31 = call @pyexec_big_keep(v15, v28) @62
#>   v32 = stack_addr s0+32 @62
#>   v33 = load.i64 stack v32 @62
#>   call @pyexec_big_drop(v33) @62
#>   v34 = stack_addr s0+32 @62
#>   store.i64 stack v29, v34 @62
#>   v35 = stack_addr s0+40 @62
#>   v36 = load.i64 stack v35 @62
#>   call @pyexec_big_drop(v36) @62
#>   v37 = stack_addr s0+40 @62
#>   store.i64 stack v30, v37 @62
#>   v38 = stack_addr s0+48 @62
#>   v39 = load.i64 stack v38 @62
#>   call @pyexec_big_drop(v39) @62
#>   v40 = stack_addr s0+48 @62
#>   store.i64 stack v31, v40 @62
#>   jump b9 @62
#> b9:
#>   v41 = stack_addr s0+40 @62
#>   v42 = load.i64 stack v41 @62
#>   v43 = iconst.i64 1 @62
#>   v44 = ne.i64 v42, v43 @62
#>   br_if v44, b10, b8 @62
#> b10:
#>   v45 = stack_addr s0+32 @62
#>   v46 = load.i64 stack v45 @62
#>   v47 = stack_addr s0+16 @62
#>   v48 = load.i64 stack v47 @62
#>   v49 = call @pyexec_big_keep(v46, v48) @62
#>   v50 = stack_addr s0+16 @62
#>   store.i64 stack v49, v50 @62
#>   jump b12 @89
#> b12:
#>   v51 = stack_addr s0+8 @89
#>   v52 = load.i64 stack v51 @89
#>   v53 = stack_addr s0+16 @98
#>   v54 = load.i64 stack v53 @98
#>   v55 = stack_addr s0+64 @89
#>   v56 = load.i64 stack v55 @89
#>   v57 = call @pyexec_big_add(v52, v54, v56) @89
#>   v164 = call @pyexec_error_state()
#>   v165 = iconst.i64 0
#>   v166 = iadd.i64 v164, v165
#>   v59 = load.i32 global v166 @89
#>   v60 = iconst.i32 0 @89
#>   v61 = ne.i32 v59, v60 @89
#>   br_if v61, b13, b14 @89
#> cold b13:
#>   v62 = iconst.i32 1 @89
#>   v162 = iconst.i32 5
#>   call @py.trace(v162) @89
#>   jump b3 @89
#> b14:
#>   v63 = stack_addr s0+64 @89
#>   store.i64 stack v57, v63 @89
#>   v64 = stack_addr s0+8 @89
#>   v65 = load.i64 stack v64 @89
#>   v66 = call @pyexec_big_keep(v57, v65) @89
#>   v67 = stack_addr s0+8 @89
#>   store.i64 stack v66, v67 @89
#>   jump b11 @89
#> b11:
#>   v68 = stack_addr s0+32 @89
#>   v69 = load.i64 stack v68 @89
#>   v70 = iconst.i64 3 @89
#>   v71 = stack_addr s0+32 @89
#>   v72 = load.i64 stack v71 @89
#>   v73 = call @pyexec_big_add(v69, v70, v72) @89
#>   v167 = call @pyexec_error_state()
#>   v168 = iconst.i64 0
#>   v169 = iadd.i64 v167, v168
#>   v75 = load.i32 global v169 @89
#>   v76 = iconst.i32 0 @89
#>   v77 = ne.i32 v75, v76 @89
#>   br_if v77, b15, b16 @89
#> cold b15:
#>   v78 = iconst.i32 0 @89
#>   v163 = iconst.i32 4
#>   call @py.trace(v163) @89
#>   jump b3 @89
#> b16:
#>   v79 = stack_addr s0+32 @89
#>   store.i64 stack v73, v79 @89
#>   v80 = stack_addr s0+40 @89
#>   v81 = load.i64 stack v80 @89
#>   v82 = iconst.i64 3 @89
#>   v83 = stack_addr s0+40 @89
#>   v84 = load.i64 stack v83 @89
#>   v85 = call @pyexec_big_sub(v81, v82, v84) @89
#>   v170 = call @pyexec_error_state()
#>   v171 = iconst.i64 0
#>   v172 = iadd.i64 v170, v171
#>   v87 = load.i32 global v172 @89
#>   v88 = iconst.i32 0 @89
#>   v89 = ne.i32 v87, v88 @89
#>   br_if v89, b15, b17 @89
#> b17:
#>   v90 = stack_addr s0+40 @89
#>   store.i64 stack v85, v90 @89
#>   jump b9 @89
#> b8:
#>   jump b7 @89
#> b7:
#>   v91 = stack_addr s0+8 @111
#>   v92 = load.i64 stack v91 @111
#>   v93 = stack_addr s0+24 @104
#>   v94 = load.i64 stack v93 @104
#>   v95 = call @pyexec_big_keep(v92, v94) @104
#>   v96 = stack_addr s0+24 @104
#>   store.i64 stack v95, v96 @104
#>   jump b2 @104
#> b2:
#>   v97 = stack_addr s0+24 @104
#>   v98 = load.i64 stack v97 @104
#>   v99 = call @pyexec_big_fits(v98) @104
#>   v100 = iconst.i64 0 @104
#>   v101 = ne.i64 v99, v100 @104
#>   br_if v101, b18, b19 @104
#> b19:
#>   v102 = stack_addr s0+24 @104
#>   store.i64 stack v100, v102 @104
#>   v103 = stack_addr s0 @104
#>   v104 = iconst.i64 0 @104
#>   jump b20(v104) @104
#> b20(v105: i64):
#>   v106 = iadd.i64 v103, v105 @104
#>   v107 = load.i64 stack v106 @104
#>   call @pyexec_big_drop(v107) @104
#>   v108 = iconst.i64 8 @104
#>   v109 = iadd.i64 v105, v108 @104
#>   v110 = iconst.i64 72 @104
#>   v111 = ult.i64 v109, v110 @104
#>   br_if v111, b20(v109), b21 @104
#> b21:
#>   v112 = iconst.i8 2 @104
#>   ret v98, v112 @104
#> b18:
#>   v113 = call @pyexec_big_low(v98) @104
#>   v114 = stack_addr s0 @104
#>   v115 = iconst.i64 0 @104
#>   jump b22(v115) @104
#> b22(v116: i64):
#>   v117 = iadd.i64 v114, v116 @104
#>   v118 = load.i64 stack v117 @104
#>   call @pyexec_big_drop(v118) @104
#>   v119 = iconst.i64 8 @104
#>   v120 = iadd.i64 v116, v119 @104
#>   v121 = iconst.i64 72 @104
#>   v122 = ult.i64 v120, v121 @104
#>   br_if v122, b22(v120), b23 @104
#> b23:
#>   v123 = iconst.i8 0 @104
#>   ret v113, v123 @104
#> b3:
#>   v124 = stack_addr s0 @104
#>   v125 = iconst.i64 0 @104
#>   jump b24(v125) @104
#> b24(v126: i64):
#>   v127 = iadd.i64 v124, v126 @104
#>   v128 = load.i64 stack v127 @104
#>   call @pyexec_big_drop(v128) @104
#>   v129 = iconst.i64 8 @104
#>   v130 = iadd.i64 v126, v129 @104
#>   v131 = iconst.i64 72 @104
#>   v132 = ult.i64 v130, v131 @104
#>   br_if v132, b24(v130), b25 @104
#> b25:
#>   v133 = iconst.i8 1 @104
#>   ret v3, v133 @104
#> b26(v141: i64):
#>   v142 = iadd.i64 v139, v141 @104
#>   v143 = iconst.i64 0 @104
#>   store.i64 stack v143, v142 @104
#>   v144 = iconst.i64 8 @104
#>   v145 = iadd.i64 v141, v144 @104
#>   v146 = iconst.i64 72 @104
#>   v147 = ult.i64 v145, v146 @104
#>   br_if v147, b26(v145), b27 @104
#> b27:
#>   br_table v134, b28, [b28, b29] @104
#> b28:
#>   v148 = stack_addr s0 @104
#>   store.i64 stack v135, v148 @104
#>   jump b4 @104
#> b29:
#>   v149 = iconst.i64 0 @104
#>   v150 = call @pyexec_big_from_i64(v135, v149) @104
#>   v151 = stack_addr s0+8 @104
#>   store.i64 stack v150, v151 @104
#>   v152 = iconst.i64 0 @104
#>   v153 = call @pyexec_big_from_i64(v136, v152) @104
#>   v154 = stack_addr s0+16 @104
#>   store.i64 stack v153, v154 @104
#>   v155 = iconst.i64 0 @104
#>   v156 = call @pyexec_big_from_i64(v137, v155) @104
#>   v157 = stack_addr s0+32 @104
#>   store.i64 stack v156, v157 @104
#>   v158 = iconst.i64 0 @104
#>   v159 = call @pyexec_big_from_u64(v138, v158) @104
#>   v160 = stack_addr s0+40 @104
#>   store.i64 stack v159, v160 @104
#>   jump b12 @104
#> }
#>
#> func c import @pyexec_big_keep(i64, i64) -> (i64)
#>
#> func fast local cold @py.raise(i32, i64, i64, i32) -> () {
#> b0(v0: i32, v1: i64, v2: i64, v3: i32):
#>   v7 = call @py.state()
#>   v8 = iconst.i64 0
#>   v9 = iadd.i64 v7, v8
#>   v5 = iconst.i32 1
#>   store.i32 global v0, v9
#>   store.i32 global v5, v9+4
#>   store.i64 global v1, v9+8
#>   store.i64 global v2, v9+16
#>   store.i32 global v3, v9+24
#>   v6 = iconst.i64 0
#>   store.i64 global v6, v9+280
#>   ret
#> }
#>
#> func c import @pyexec_big_range_count(i64, i64, i64, i64) -> (i64)
#> func c import @pyexec_big_drop(i64) -> ()
#> func c import @pyexec_big_add(i64, i64, i64) -> (i64)
#>
#> func fast local cold @py.trace(i32) -> () {
#> b0(v0: i32):
#>   v11 = call @py.state()
#>   v12 = iconst.i64 0
#>   v13 = iadd.i64 v11, v12
#>   v2 = load.i32 global v13+4
#>   v3 = iconst.i32 1
#>   v4 = iadd.i32 v2, v3
#>   store.i32 global v4, v13+4
#>   v5 = iconst.i32 64
#>   v6 = ult.i32 v2, v5
#>   br_if v6, b1, b2
#> b1:
#>   v7 = zext.i64 v2
#>   v8 = iconst.i64 2
#>   v9 = shl.i64 v7, v8
#>   v10 = iadd.i64 v13, v9
#>   store.i32 global v0, v10+24
#>   jump b2
#> b2:
#>   ret
#> }
#>
#> func c import @pyexec_big_sub(i64, i64, i64) -> (i64)
#> func c import @pyexec_big_fits(i64) -> (i64)
#> func c import @pyexec_big_low(i64) -> (i64)
#> func c import @pyexec_big_from_i64(i64, i64) -> (i64)
#> func c import @pyexec_big_from_u64(i64, i64) -> (i64)
#>
#> func c export @triangle(i64) -> (i64) {
#> b0(v0: i64):
#>   v12 = global_addr @pyexec_error_seen
#>   v13 = load.i32 global v12
#>   v14 = iconst.i32 0
#>   v15 = ne.i32 v13, v14
#>   br_if v15, b4, b3
#> cold b1:
#>   call @pyexec_big_drop(v1) @19
#>   v5 = iconst.i32 7 @19
#>   v6 = global_addr @str.1 @19
#>   v7 = iconst.i64 41 @19
#>   v8 = iconst.i32 2 @19
#>   v11 = iconst.i32 2
#>   call @py.raise(v5, v6, v7, v11) @19
#>   jump b2 @19
#> b2:
#>   v9 = iconst.i64 0 @19
#>   v10 = select.i64 v2, v9, v1 @19
#>   ret v10 @19
#> b3:
#>   v1, v2 = call @py.triangle(v0) @19
#>   v3 = iconst.i8 2 @19
#>   v4 = eq.i8 v2, v3 @19
#>   br_if v4, b1, b2 @19
#> cold b4:
#>   v17 = call @py.state()
#>   v18 = iconst.i64 0
#>   v19 = iadd.i64 v17, v18
#>   store.i32 global v14, v19
#>   jump b3
#> }
#>
#> func c weak cold @pyexec_error_state() -> (i64) {
#> b0:
#>   v0 = global_addr @pyexec_error
#>   ret v0
#> }
#>
#> func fast local cold @py.state() -> (i64) {
#> b0:
#>   v0 = global_addr @pyexec_error_seen
#>   v1 = iconst.i32 1
#>   store.i32 global v1, v0
#>   v2 = call @pyexec_error_state()
#>   ret v2
#> }
