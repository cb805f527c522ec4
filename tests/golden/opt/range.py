# emit: opt -O2
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
#>   v1 = iconst.i8 0 @20
#>   v8 = iconst.i64 0 @57
#>   v25 = sgt.i64 v0, v8 @63
#>   br_if v25, b10, b2(v8) @63
#> b10:
#>   v17 = iconst.i64 1 @90
#>   jump b5(v8, v8) @63
#> b5(v26: i64, v27: i64):
#>   v15, v16 = sadd_overflow.i64 v26, v27 @90
#>   br_if v16, b7, b6 @90
#> b6:
#>   v18 = iadd.i64 v27, v17 @90
#>   v14 = slt.i64 v18, v0 @63
#>   br_if v14, b5(v15, v18), b2(v15) @63
#> b2(v28: i64):
#>   ret v28, v1 @105
#> cold b7:
#>   v19 = isub.i64 v0, v27 @90
#>   v21, v22 = call @py.triangle.resume(v17, v26, v27, v27, v19) @90
#>   ret v21, v22 @90
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
#>   v2, v3 = call @py.triangle.resume(v1, v0, v1, v1, v1) @20
#>   ret v2, v3 @20
#> }
#>
#> func fast local cold @py.triangle.resume(i64, i64, i64, i64, i64) -> (i64, i8) {
#>   slot s0: size 72, align 8
#>   slot s1: size 8, align 8
#> b0(v134: i64, v135: i64, v136: i64, v137: i64, v138: i64):
#>   v3 = iconst.i64 0 @20
#>   v139 = stack_addr s0 @105
#>   v140 = iconst.i64 0 @105
#>   jump b26(v140) @105
#> b4:
#>   v7 = iconst.i64 1 @57
#>   v8 = stack_addr s0+8 @49
#>   v9 = load.i64 stack v8 @49
#>   v10 = call @pyexec_big_keep(v7, v9) @49
#>   v11 = stack_addr s0+8 @49
#>   store.i64 stack v10, v11 @49
#>   v12 = iconst.i64 1 @72
#>   v13 = stack_addr s0 @78
#>   v14 = load.i64 stack v13 @78
#>   v15 = iconst.i64 3 @72
#>   v16 = iconst.i64 1 @63
#>   v17 = ne.i64 v15, v16 @63
#>   v18 = iconst.i8 0 @63
#>   v19 = eq.i8 v17, v18 @63
#>   br_if v19, b5, b6 @63
#> cold b5:
#>   v20 = global_addr @str.0 @63
#>   v21 = iconst.i64 30 @63
#>   v22 = iconst.i32 21 @63
#>   v23 = iconst.i32 0 @63
#>   v161 = iconst.i32 4
#>   call @py.raise(v22, v20, v21, v161) @63
#>   jump b3 @63
#> b6:
#>   v24 = stack_addr s0+56 @63
#>   v25 = load.i64 stack v24 @63
#>   v26 = call @pyexec_big_range_count(v12, v14, v15, v25) @63
#>   v27 = stack_addr s0+56 @63
#>   store.i64 stack v26, v27 @63
#>   v28 = iconst.i64 0 @63
#>   v29 = call @pyexec_big_keep(v12, v28) @63
#>   v30 = call @pyexec_big_keep(v26, v28) @63
#>   v31 = call @pyexec_big_keep(v15, v28) @63
#>   v32 = stack_addr s0+32 @63
#>   v33 = load.i64 stack v32 @63
#>   call @pyexec_big_drop(v33) @63
#>   v34 = stack_addr s0+32 @63
#>   store.i64 stack v29, v34 @63
#>   v35 = stack_addr s0+40 @63
#>   v36 = load.i64 stack v35 @63
#>   call @pyexec_big_drop(v36) @63
#>   v37 = stack_addr s0+40 @63
#>   store.i64 stack v30, v37 @63
#>   v38 = stack_addr s0+48 @63
#>   v39 = load.i64 stack v38 @63
#>   call @pyexec_big_drop(v39) @63
#>   v40 = stack_addr s0+48 @63
#>   store.i64 stack v31, v40 @63
#>   jump b9 @63
#> b9:
#>   v41 = stack_addr s0+40 @63
#>   v42 = load.i64 stack v41 @63
#>   v43 = iconst.i64 1 @63
#>   v44 = ne.i64 v42, v43 @63
#>   br_if v44, b10, b8 @63
#> b10:
#>   v45 = stack_addr s0+32 @63
#>   v46 = load.i64 stack v45 @63
#>   v47 = stack_addr s0+16 @63
#>   v48 = load.i64 stack v47 @63
#>   v49 = call @pyexec_big_keep(v46, v48) @63
#>   v50 = stack_addr s0+16 @63
#>   store.i64 stack v49, v50 @63
#>   jump b12 @90
#> b12:
#>   v51 = stack_addr s0+8 @90
#>   v52 = load.i64 stack v51 @90
#>   v53 = stack_addr s0+16 @99
#>   v54 = load.i64 stack v53 @99
#>   v55 = stack_addr s0+64 @90
#>   v56 = load.i64 stack v55 @90
#>   v57 = call @pyexec_big_add(v52, v54, v56) @90
#>   v164 = call @pyexec_error_state()
#>   v165 = iconst.i64 0
#>   v166 = iadd.i64 v164, v165
#>   v59 = load.i32 global v166 @90
#>   v60 = iconst.i32 0 @90
#>   v61 = ne.i32 v59, v60 @90
#>   br_if v61, b13, b14 @90
#> cold b13:
#>   v62 = iconst.i32 1 @90
#>   v162 = iconst.i32 5
#>   call @py.trace(v162) @90
#>   jump b3 @90
#> b14:
#>   v63 = stack_addr s0+64 @90
#>   store.i64 stack v57, v63 @90
#>   v64 = stack_addr s0+8 @90
#>   v65 = load.i64 stack v64 @90
#>   v66 = call @pyexec_big_keep(v57, v65) @90
#>   v67 = stack_addr s0+8 @90
#>   store.i64 stack v66, v67 @90
#>   jump b11 @90
#> b11:
#>   v68 = stack_addr s0+32 @90
#>   v69 = load.i64 stack v68 @90
#>   v70 = iconst.i64 3 @90
#>   v71 = stack_addr s0+32 @90
#>   v72 = load.i64 stack v71 @90
#>   v73 = call @pyexec_big_add(v69, v70, v72) @90
#>   v167 = call @pyexec_error_state()
#>   v168 = iconst.i64 0
#>   v169 = iadd.i64 v167, v168
#>   v75 = load.i32 global v169 @90
#>   v76 = iconst.i32 0 @90
#>   v77 = ne.i32 v75, v76 @90
#>   br_if v77, b15, b16 @90
#> cold b15:
#>   v78 = iconst.i32 0 @90
#>   v163 = iconst.i32 4
#>   call @py.trace(v163) @90
#>   jump b3 @90
#> b16:
#>   v79 = stack_addr s0+32 @90
#>   store.i64 stack v73, v79 @90
#>   v80 = stack_addr s0+40 @90
#>   v81 = load.i64 stack v80 @90
#>   v82 = iconst.i64 3 @90
#>   v83 = stack_addr s0+40 @90
#>   v84 = load.i64 stack v83 @90
#>   v85 = call @pyexec_big_sub(v81, v82, v84) @90
#>   v170 = call @pyexec_error_state()
#>   v171 = iconst.i64 0
#>   v172 = iadd.i64 v170, v171
#>   v87 = load.i32 global v172 @90
#>   v88 = iconst.i32 0 @90
#>   v89 = ne.i32 v87, v88 @90
#>   br_if v89, b15, b17 @90
#> b17:
#>   v90 = stack_addr s0+40 @90
#>   store.i64 stack v85, v90 @90
#>   jump b9 @90
#> b8:
#>   jump b7 @90
#> b7:
#>   v91 = stack_addr s0+8 @112
#>   v92 = load.i64 stack v91 @112
#>   v93 = stack_addr s0+24 @105
#>   v94 = load.i64 stack v93 @105
#>   v95 = call @pyexec_big_keep(v92, v94) @105
#>   v96 = stack_addr s0+24 @105
#>   store.i64 stack v95, v96 @105
#>   jump b2 @105
#> b2:
#>   v97 = stack_addr s0+24 @105
#>   v98 = load.i64 stack v97 @105
#>   v99 = call @pyexec_big_fits(v98) @105
#>   v100 = iconst.i64 0 @105
#>   v101 = ne.i64 v99, v100 @105
#>   br_if v101, b18, b19 @105
#> b19:
#>   v102 = stack_addr s0+24 @105
#>   store.i64 stack v100, v102 @105
#>   v103 = stack_addr s0 @105
#>   v104 = iconst.i64 0 @105
#>   jump b20(v104) @105
#> b20(v105: i64):
#>   v106 = iadd.i64 v103, v105 @105
#>   v107 = load.i64 stack v106 @105
#>   call @pyexec_big_drop(v107) @105
#>   v108 = iconst.i64 8 @105
#>   v109 = iadd.i64 v105, v108 @105
#>   v110 = iconst.i64 72 @105
#>   v111 = ult.i64 v109, v110 @105
#>   br_if v111, b20(v109), b21 @105
#> b21:
#>   v112 = iconst.i8 2 @105
#>   ret v98, v112 @105
#> b18:
#>   v113 = call @pyexec_big_low(v98) @105
#>   v114 = stack_addr s0 @105
#>   v115 = iconst.i64 0 @105
#>   jump b22(v115) @105
#> b22(v116: i64):
#>   v117 = iadd.i64 v114, v116 @105
#>   v118 = load.i64 stack v117 @105
#>   call @pyexec_big_drop(v118) @105
#>   v119 = iconst.i64 8 @105
#>   v120 = iadd.i64 v116, v119 @105
#>   v121 = iconst.i64 72 @105
#>   v122 = ult.i64 v120, v121 @105
#>   br_if v122, b22(v120), b23 @105
#> b23:
#>   v123 = iconst.i8 0 @105
#>   ret v113, v123 @105
#> b3:
#>   v124 = stack_addr s0 @105
#>   v125 = iconst.i64 0 @105
#>   jump b24(v125) @105
#> b24(v126: i64):
#>   v127 = iadd.i64 v124, v126 @105
#>   v128 = load.i64 stack v127 @105
#>   call @pyexec_big_drop(v128) @105
#>   v129 = iconst.i64 8 @105
#>   v130 = iadd.i64 v126, v129 @105
#>   v131 = iconst.i64 72 @105
#>   v132 = ult.i64 v130, v131 @105
#>   br_if v132, b24(v130), b25 @105
#> b25:
#>   v133 = iconst.i8 1 @105
#>   ret v3, v133 @105
#> b26(v141: i64):
#>   v142 = iadd.i64 v139, v141 @105
#>   v143 = iconst.i64 0 @105
#>   store.i64 stack v143, v142 @105
#>   v144 = iconst.i64 8 @105
#>   v145 = iadd.i64 v141, v144 @105
#>   v146 = iconst.i64 72 @105
#>   v147 = ult.i64 v145, v146 @105
#>   br_if v147, b26(v145), b27 @105
#> b27:
#>   br_table v134, b28, [b28, b29] @105
#> b28:
#>   v148 = stack_addr s0 @105
#>   store.i64 stack v135, v148 @105
#>   jump b4 @105
#> b29:
#>   v149 = iconst.i64 0 @105
#>   v150 = call @pyexec_big_from_i64(v135, v149) @105
#>   v151 = stack_addr s0+8 @105
#>   store.i64 stack v150, v151 @105
#>   v152 = iconst.i64 0 @105
#>   v153 = call @pyexec_big_from_i64(v136, v152) @105
#>   v154 = stack_addr s0+16 @105
#>   store.i64 stack v153, v154 @105
#>   v155 = iconst.i64 0 @105
#>   v156 = call @pyexec_big_from_i64(v137, v155) @105
#>   v157 = stack_addr s0+32 @105
#>   store.i64 stack v156, v157 @105
#>   v158 = iconst.i64 0 @105
#>   v159 = call @pyexec_big_from_u64(v138, v158) @105
#>   v160 = stack_addr s0+40 @105
#>   store.i64 stack v159, v160 @105
#>   jump b12 @105
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
#>   br_if v15, b4, b6
#> b6:
#>   v25 = iconst.i8 0 @20
#>   v26 = iconst.i64 0 @57
#>   v38 = sgt.i64 v0, v26 @63
#>   br_if v38, b13, b8(v26) @63
#> b13:
#>   v30 = iconst.i64 1 @90
#>   jump b9(v26, v26) @63
#> b9(v39: i64, v40: i64):
#>   v28, v29 = sadd_overflow.i64 v39, v40 @90
#>   br_if v29, b11, b10 @90
#> b10:
#>   v31 = iadd.i64 v40, v30 @90
#>   v27 = slt.i64 v31, v0 @63
#>   br_if v27, b9(v28, v31), b8(v28) @63
#> b8(v41: i64):
#>   jump b5(v41, v25) @105
#> b5(v20: i64, v21: i8):
#>   v3 = iconst.i8 2 @20
#>   v4 = eq.i8 v21, v3 @20
#>   br_if v4, b1, b2 @20
#> b2:
#>   v10 = select.i64 v21, v26, v20 @20
#>   ret v10 @20
#> cold b4:
#>   v17 = call @py.state()
#>   store.i32 global v14, v17
#>   jump b6
#> cold b11:
#>   v32 = isub.i64 v0, v40 @90
#>   v34, v35 = call @py.triangle.resume(v30, v39, v40, v40, v32) @90
#>   jump b5(v34, v35) @90
#> cold b1:
#>   call @pyexec_big_drop(v20) @20
#>   v5 = iconst.i32 7 @20
#>   v6 = global_addr @str.1 @20
#>   v7 = iconst.i64 41 @20
#>   v8 = iconst.i32 2 @20
#>   call @py.raise(v5, v6, v7, v8) @20
#>   jump b2 @20
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
