# The points of the sweep, and those of them that other sweeps have simulated already. The folder is named after the
# content of the sweep: an edited comment or a touched file computes nothing anew, a changed value or law does.


rule design:
    output:
        f"{CHUNK_FOLDER}/design.nc",
    log:
        f"{RESULTS}/logs/design.log",
    params:
        sweep=SWEEP.path.as_posix(),
    script:
        "../scripts/design.py"


rule known:
    input:
        f"{CHUNK_FOLDER}/design.nc",
    output:
        f"{CHUNK_FOLDER}/known/index.nc",
    log:
        f"{RESULTS}/logs/known.log",
    params:
        sweep=SWEEP.path.as_posix(),
        library=[folder.as_posix() for folder in SWEEP.library],
    script:
        "../scripts/known.py"
